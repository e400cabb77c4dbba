import { z } from 'zod'
import { parseStorableJson } from '../storable-json.ts'
import { fail } from './errors.ts'

/** A JSON body of the form asked for; anything else is Auth's bad_json, with the place that is wrong. */
export function readBody<Schema extends z.ZodType>(schema: Schema, raw: unknown): z.infer<Schema> {
  const result = schema.safeParse(parse(typeof raw === 'string' ? raw : ''))
  if (result.success) return result.data
  const [issue] = result.error.issues
  return badJson(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}

function parse(raw: string): unknown {
  try {
    return parseStorableJson(raw)
  } catch (error) {
    return badJson(error instanceof Error ? error.message : '')
  }
}

function badJson(reason: string): never {
  fail(400, 'bad_json', `Could not parse request body as JSON: ${reason}`)
}

const emailPattern =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/

/** The address as it is stored: in lower case. */
export function readEmail(given: string): string {
  const email = given.trim().toLowerCase()
  if (email.length === 0) fail(400, 'validation_failed', 'An email address is required')
  if (email.length > 255 || !emailPattern.test(email)) {
    fail(400, 'validation_failed', 'Unable to validate email address: invalid format')
  }
  return email
}

/** An optional text: absent, null and empty are the same to Auth. */
export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')

export const metadata = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => value ?? {})

export const pkceFields = { code_challenge: text, code_challenge_method: text }
