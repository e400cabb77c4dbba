import type { z } from 'zod'
import { badInput } from '../errors.ts'

const mostIssues = 100

/** @throws {DomainError} BAD_REQUEST with the faults of what a route outside the procedures was sent. */
export function readInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.slice(0, mostIssues)
  return badInput(issues.map(({ path, message }) => ({ path: path.join('.'), message })))
}
