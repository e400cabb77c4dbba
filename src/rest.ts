import type { AnyTRPCProcedure } from '@trpc/server'
import type { FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify'
import { z } from 'zod'
import { largestInputBytes, unbatched } from './contracts/executions.ts'
import type { AppRouter } from './routers/index.ts'
import { createCaller } from './routers/index.ts'
import type { Context, Meta, RestShape } from './trpc.ts'

interface RestProcedure {
  path: string
  shape: RestShape
  input: z.ZodType
}

type Json = Record<string, unknown>

/** Room for our own fields and for JSON's escapes around the largest input. */
export const largestStartBody = largestInputBytes + 2 * 1024 * 1024

/** Procedures that take a run's whole input, and an idempotency key in its header. */
const acceptsRuns: ReadonlySet<string> = new Set(unbatched)

/** Serves every procedure that names a REST shape under the given prefix, with the same input, use case and output. */
export function registerRest(
  app: FastifyInstance,
  appRouter: AppRouter,
  contextOf: (request: FastifyRequest) => Context,
): void {
  for (const procedure of restProcedures(appRouter)) {
    const { method, path } = procedure.shape
    app.route({
      method: method satisfies HTTPMethods,
      url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      ...(acceptsRuns.has(procedure.path) ? { bodyLimit: largestStartBody } : {}),
      handler: async (request) => call(procedure.path, contextOf(request), inputOf(procedure, request)),
    })
  }
}

/** The procedures that have a REST shape, by their dotted path. */
export function restProcedures(appRouter: AppRouter): RestProcedure[] {
  const procedures: Record<string, AnyTRPCProcedure> = appRouter._def.procedures as never
  return Object.entries(procedures).flatMap(([path, procedure]) => {
    const { openapi } = (procedure._def.meta ?? {}) as Meta
    const [input] = procedure._def.inputs as z.ZodType[]
    return openapi ? [{ path, shape: openapi, input: input ?? z.void() }] : []
  })
}

function call(path: string, ctx: Context, input: unknown): Promise<unknown> {
  const caller = createCaller(ctx)
  const procedure = path.split('.').reduce<unknown>((level, name) => (level as Json)[name], caller)
  return (procedure as (input: unknown) => Promise<unknown>)(input)
}

function inputOf(procedure: RestProcedure, request: FastifyRequest): unknown {
  if (procedure.input instanceof z.ZodVoid) return undefined
  const params = typed(procedure.input, request.params as Json)
  if (request.method === 'GET' || request.method === 'DELETE')
    return { ...typed(procedure.input, request.query as Json), ...params }
  const key = request.headers['idempotency-key']
  const header = acceptsRuns.has(procedure.path) && typeof key === 'string' ? { idempotencyKey: key } : {}
  return { ...(isObject(request.body) ? request.body : {}), ...params, ...header }
}

// A path and a query string know only text: numbers and booleans are read as the input's schema wants them.
function typed(input: z.ZodType, query: Json): Json {
  const shape = input instanceof z.ZodObject ? (input.shape as Record<string, z.ZodType>) : {}
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, typedValue(shape[name], value)]))
}

function typedValue(schema: z.ZodType | undefined, value: unknown): unknown {
  if (typeof value !== 'string' || !schema) return value
  if (value === 'true' || value === 'false')
    return schema.safeParse(value === 'true').success ? value === 'true' : value
  const number = value.trim() === '' ? Number.NaN : Number(value)
  return !schema.safeParse(value).success && Number.isFinite(number) ? number : value
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
