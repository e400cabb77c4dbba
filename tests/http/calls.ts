import { z } from 'zod'
import type { ListedProcedure } from '../contracts/procedures.ts'
import type { TestStack } from '../support/stack.ts'

/** An answer as it came over the wire. */
export interface Answer {
  status: number
  headers: Headers
  body: unknown
}

export interface Call {
  method?: string
  token?: string | undefined
  headers?: Record<string, string>
  /** Sent as JSON, or as it is when it is text. */
  body?: unknown
}

/** One HTTP call; the answer's body is parsed where it is JSON. */
export async function send({ url }: Pick<TestStack, 'url'>, path: string, call: Call = {}): Promise<Answer> {
  const { method = 'GET', token, headers = {}, body } = call
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

type Input = Record<string, unknown>

/** Calls a procedure by its REST shape: names in the path, the rest in the query or in the body. */
export function callRest(
  stack: TestStack,
  { path, meta }: ListedProcedure,
  input: Input,
  token?: string,
): Promise<Answer> {
  if (!meta.openapi) throw new Error(`${path} has no REST shape`)
  const { method, path: shape } = meta.openapi
  const named = new Set(shape.match(/(?<=\{)\w+/g))
  const url = shape.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(input[name])))
  const rest = Object.entries(input).filter(([name]) => !named.has(name))
  if (method === 'POST' || method === 'PATCH')
    return send(stack, `/api/v1${url}`, { method, token, body: Object.fromEntries(rest) })
  const query = new URLSearchParams(rest.map(([name, value]) => [name, String(value)]))
  return send(stack, `/api/v1${url}?${query}`, { method, token })
}

/** Calls a procedure in tRPC's protocol, unbatched. */
export function callTrpc(
  stack: TestStack,
  { path, type, input: schema }: ListedProcedure,
  input: Input,
  token?: string,
): Promise<Answer> {
  if (type === 'mutation') return send(stack, `/trpc/${path}`, { method: 'POST', token, body: input })
  const query = schema instanceof z.ZodVoid ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`
  return send(stack, `/trpc/${path}${query}`, { token })
}
