import { fail } from './errors.ts'

export type Metadata = Record<string, unknown>

/** Changes laid over what was there; null takes a key away. */
export function mergeMetadata(current: Metadata, changes: Metadata): Metadata {
  const merged = Object.entries({ ...current, ...changes }).filter(([, value]) => value !== null)
  return Object.fromEntries(merged)
}

export function requireSmallMetadata(metadata: Metadata, name: 'user_metadata' | 'app_metadata', limit: number): void {
  if (Buffer.byteLength(JSON.stringify(metadata)) <= limit) return
  fail(400, 'validation_failed', `${name} cannot be longer than ${limit} bytes`)
}
