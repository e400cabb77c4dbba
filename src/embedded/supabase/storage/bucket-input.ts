import { z } from 'zod'
import { nullable } from './body.ts'
import { invalidRequest, type StorageError, tooLarge, unsupportedType } from './errors.ts'

const rules = {
  public: nullable(z.boolean()),
  file_size_limit: nullable(z.union([z.number(), z.string()])),
  allowed_mime_types: nullable(z.array(z.string()).max(100)),
}

export const newBucketBody = z.object({
  name: z.string(),
  id: nullable(z.string()),
  type: nullable(z.literal('STANDARD')),
  ...rules,
})
export const bucketChangeBody = z.object(rules)

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most)

export const bucketListQuery = z.object({
  limit: whole(1, 1000).default(1000),
  offset: whole(0, 1_000_000_000).default(0),
  sortColumn: z.enum(['id', 'name', 'created_at', 'updated_at']).default('name'),
  sortOrder: z.enum(['asc', 'desc']).default('asc'),
  search: z
    .string()
    .max(100)
    .refine((text) => !text.includes('\0'))
    .default(''),
})

const units: Record<string, number> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9 }
const typePattern = /^[\w.+-]+\/([\w.+-]+|\*)$/

/** Bytes, from a number of them or from a text such as 20MB. Throws when it is neither, or more than any object may have. */
export function readSizeLimit(given: string | number, most: number): number {
  const bytes = typeof given === 'number' ? given : bytesOf(given)
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw badSize()
  if (bytes > most) throw tooLarge()
  return bytes
}

export function readAllowedTypes(types: string[]): string[] {
  for (const type of types) if (type !== '*/*' && !typePattern.test(type)) throw unsupportedType(type.slice(0, 100))
  return types
}

/** Throws unless the type is one that the bucket takes; null takes all. */
export function requireAllowedType(mimeType: string, allowed: string[] | null): void {
  if (!allowed || allowed.length === 0) return
  const [type = ''] = mimeType.toLowerCase().split(';')
  const family = `${type.split('/')[0]}/*`
  const accepted = allowed.map((entry) => entry.toLowerCase())
  if (![type.trim(), family, '*/*'].some((entry) => accepted.includes(entry))) throw unsupportedType(mimeType)
}

function bytesOf(text: string): number {
  const [, amount, unit = 'b'] = /^\s*(\d+(?:\.\d+)?)\s*([kmg]?b)?\s*$/i.exec(text) ?? []
  if (amount === undefined) throw badSize()
  return Math.floor(Number(amount) * (units[unit.toLowerCase()] ?? 1))
}

function badSize(): StorageError {
  return invalidRequest('Invalid file size format, hint: use 20GB / 20MB / 30KB / 3B')
}
