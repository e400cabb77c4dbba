import { z } from 'zod'
import { parseStorableJson } from '../storable-json.ts'
import { invalidRequest } from './errors.ts'

/** A JSON body, or the values of a query, of the form asked for; says what is wrong and where otherwise. */
export function readBody<Schema extends z.ZodType>(schema: Schema, raw: unknown): z.infer<Schema> {
  return read(schema, typeof raw === 'string' && raw !== '' ? parse(raw) : {}, 'body')
}

export function readQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.infer<Schema> {
  return read(schema, query, 'querystring')
}

/** Metadata that an uploader gives an object: a JSON object of their own making. */
export function readUserMetadata(text: string | undefined): object | null {
  return text ? read(z.record(z.string(), z.unknown()), parse(text), 'metadata') : null
}

function read<Schema extends z.ZodType>(schema: Schema, value: unknown, place: string): z.infer<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const where = [place, ...(issue?.path ?? [])].join('/')
  throw invalidRequest(`${where}: ${issue?.message ?? 'invalid'}`)
}

function parse(text: string): unknown {
  try {
    return parseStorableJson(text)
  } catch (error) {
    throw invalidRequest(`Not the JSON that was expected: ${error instanceof Error ? error.message : ''}`)
  }
}

export const key = z.string().min(1)
export const nullable = <Schema extends z.ZodType>(schema: Schema) => schema.nullish()
