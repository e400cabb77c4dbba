import { readFileSync } from 'node:fs'
import type { AnyTRPCProcedure } from '@trpc/server'
import type { ArgsDef, CommandDef, SubCommandsDef } from 'citty'
import { z } from 'zod'
import { appRouter } from '../src/routers/index.ts'
import type { Meta } from '../src/trpc.ts'
import { telling } from './failure.ts'
import { printJson, printTable } from './output.ts'
import { openSession } from './session.ts'

type Fields = Record<string, z.ZodType>
type Json = Record<string, unknown>

/** One command for each procedure, `studios companies members approve --companyId …`, made from the procedure itself. */
export function procedureCommands(): SubCommandsDef {
  const procedures: Record<string, AnyTRPCProcedure> = appRouter._def.procedures as never
  const root: SubCommandsDef = {}
  // What the generated commands cannot do: they send and receive JSON, not the bytes of files.
  place(root, ['files', 'upload'], () => import('./commands/files.ts').then((file) => file.uploadCommand))
  place(root, ['files', 'download'], () => import('./commands/files.ts').then((file) => file.downloadCommand))
  for (const [path, procedure] of Object.entries(procedures))
    place(root, path.split('.').map(kebab), commandOf(path, procedure))
  return root
}

function place(level: SubCommandsDef, [name, ...rest]: string[], command: SubCommandsDef[string]): void {
  if (!name) return
  if (rest.length === 0) {
    level[name] = command
    return
  }
  const group = (level[name] ?? {
    meta: { name, description: `Commands about ${name}` },
    subCommands: {},
  }) as CommandDef
  level[name] = group
  place(group.subCommands as SubCommandsDef, rest, command)
}

function commandOf(path: string, procedure: AnyTRPCProcedure): CommandDef {
  const { openapi, summary } = (procedure._def.meta ?? {}) as Meta
  const [input] = procedure._def.inputs as z.ZodType[]
  const fields = input instanceof z.ZodObject ? (input.shape as Fields) : {}
  return {
    meta: {
      name: kebab(path.split('.').at(-1) ?? path),
      description: openapi?.summary ?? summary ?? path,
    },
    args: { ...argsOf(fields), ...commonArgs },
    run: ({ args }) => telling(() => call(path, procedure, inputFrom(args as Json, fields), args as Json)),
  }
}

const commonArgs: ArgsDef = {
  json: { type: 'string', description: 'The whole input as JSON, or @file with it; flags add to it' },
  table: { type: 'boolean', description: 'Print a table instead of JSON' },
}

function argsOf(fields: Fields): ArgsDef {
  return Object.fromEntries(
    Object.entries(fields).map(([name, schema]) => [
      name,
      { type: isFlag(schema) ? 'boolean' : 'string', description: schema.description ?? name },
    ]),
  ) as ArgsDef
}

/** Flags are text: what the schema does not take as text is read as JSON. */
function inputFrom(args: Json, fields: Fields): Json | undefined {
  const given = Object.entries(fields).flatMap(([name, schema]) =>
    args[name] === undefined ? [] : [[name, read(schema, args[name])]],
  )
  const whole = typeof args['json'] === 'string' ? (JSON.parse(textOrFile(args['json'])) as Json) : {}
  return Object.keys(fields).length === 0 ? undefined : { ...whole, ...Object.fromEntries(given) }
}

function read(schema: z.ZodType, value: unknown): unknown {
  if (typeof value !== 'string' || schema.safeParse(value).success) return value
  try {
    return JSON.parse(textOrFile(value))
  } catch {
    return value
  }
}

async function call(path: string, procedure: AnyTRPCProcedure, input: Json | undefined, args: Json): Promise<void> {
  const { api } = await openSession()
  const target = path.split('.').reduce<unknown>((level, name) => (level as Json)[name], api)
  if (procedure._def.type === 'subscription') return watch(target as Watchable, input)
  const verb = procedure._def.type === 'query' ? 'query' : 'mutate'
  const result = await (target as Record<string, (input: unknown) => Promise<unknown>>)[verb]?.(input)
  if (args['table']) printTable(result)
  else printJson(result)
}

interface Watchable {
  subscribe(
    input: unknown,
    handlers: { onData(event: { data: unknown }): void; onError(error: unknown): void; onComplete(): void },
  ): unknown
}

function watch(target: Watchable, input: unknown): Promise<void> {
  return new Promise((onComplete, onError) => {
    target.subscribe(input, { onData: ({ data }) => printJson(data, 0), onError, onComplete })
  })
}

function textOrFile(value: string): string {
  return value.startsWith('@') ? readFileSync(value.slice(1), 'utf8') : value
}

function isFlag(schema: z.ZodType): boolean {
  return schema.safeParse(true).success && schema.safeParse(false).success && !schema.safeParse('text').success
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
