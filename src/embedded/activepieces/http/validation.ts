import { z } from 'zod'
import { invalidRequest } from '../errors.ts'
import { idPattern } from '../ids.ts'

type Place = 'body' | 'params' | 'querystring'

export const id = z.string().regex(idPattern)
export const idParams = z.object({ id })

/** Repeated keys and `key[]` both give a list; a single value gives a list of one. */
export function list<T extends z.ZodType>(item: T) {
  return z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(item).optional(),
  )
}

export const queryFlag = z.preprocess(
  (value) => (value === undefined ? value : value === 'true'),
  z.boolean().optional(),
)
export const queryNumber = z.coerce.number().optional()

/** The value in its schema's shape, or a 400 that lists every fault the way the real server words them. */
export function check<T>(schema: z.ZodType<T>, value: unknown, place: Place): T {
  const result = schema.safeParse(place === 'querystring' ? withoutBrackets(value) : (value ?? {}))
  if (result.success) return result.data
  const faults = result.error.issues.map((issue) => `${place}/${issue.path.join('/')} ${issue.message}`)
  throw invalidRequest(faults.join(', '))
}

function withoutBrackets(query: unknown): unknown {
  if (typeof query !== 'object' || query === null) return {}
  return Object.fromEntries(Object.entries(query).map(([key, value]) => [key.replace(/\[\d*\]$/, ''), value]))
}
