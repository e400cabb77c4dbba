import { fail } from './errors.ts'

/** First and last byte, both included. */
export interface ByteRange {
  start: number
  end: number
}

/**
 * The one range that a Range header asks for (RFC 9110, section 14). Undefined when it is absent, not in bytes, not
 * understood or for several ranges: then the whole is served. Throws when no byte of the object is in it.
 */
export function readRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? []
  if (first === '' && last === '') return undefined
  const range =
    first === ''
      ? { start: Math.max(0, size - Number(last)), end: size - 1 }
      : { start: Number(first), end: Math.min(last === '' ? size - 1 : Number(last), size - 1) }
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  if (range.start > range.end || (last === '0' && first === ''))
    fail(416, 'InvalidRange', 'invalid range provided', 'invalid_range')
  return range
}

interface Conditions {
  'if-none-match'?: string | undefined
  'if-modified-since'?: string | undefined
  'if-range'?: string | undefined
}

/** Whether the asker has it already (RFC 9110, section 13). */
export function isUnchanged(headers: Conditions, etag: string, modifiedAt: Date): boolean {
  const known = headers['if-none-match']
  if (known !== undefined) {
    return known.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')))
  }
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return since >= Math.floor(modifiedAt.getTime() / 1000) * 1000
}

/** Whether a part of this version goes with the parts that the asker has. */
export function isSameForRange(headers: Conditions, etag: string, modifiedAt: Date): boolean {
  const expected = headers['if-range']
  if (expected === undefined || expected === etag) return true
  return Date.parse(expected) === Math.floor(modifiedAt.getTime() / 1000) * 1000
}
