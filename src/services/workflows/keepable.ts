import { badInput, type Issue } from '../../errors.ts'

const deepest = 50
const mostIssues = 100

/** @throws {DomainError} BAD_REQUEST naming each place of `value` that cannot be stored; `path` is where `value` stands. */
export function requireKeepable(value: unknown, path: string): void {
  const lost = unkeepable(value, path).take(mostIssues).toArray()
  if (lost.length > 0) badInput(lost)
}

/** The places of a value that PostgreSQL's jsonb refuses, or that would exhaust the stack of whoever walks it. */
export function* unkeepable(value: unknown, path: string, depth = 0): Generator<Issue> {
  if (typeof value === 'string' && !isKept(value)) yield { path, message: 'holds NUL or half a character' }
  if (typeof value !== 'object' || value === null) return
  if (depth === deepest) return yield { path, message: `is nested deeper than ${deepest} levels` }
  for (const [name, inner] of Object.entries(value)) {
    const place = path === '' ? name : `${path}.${name}`
    if (!isKept(name)) yield { path: place, message: 'has a name that holds NUL or half a character' }
    yield* unkeepable(inner, place, depth + 1)
  }
}

function isKept(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
