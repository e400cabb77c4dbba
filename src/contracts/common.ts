import { z } from 'zod'

/** A row's identifier: a UUID in lower case. */
export const id = z.uuid().toLowerCase()

/** A moment in UTC, ISO 8601 with milliseconds. */
export const timestamp = z.iso.datetime({ offset: true })

/** A moment in a filter; PostgreSQL knows no year 0. */
export const moment = timestamp.max(40).refine((at) => at > '0001', 'must be after the year 0')

export const largestPage = 100

/** Keyset paging: pass `nextCursor` of one page as `cursor` of the next. */
export const pageInput = z.object({
  limit: z.int().min(1).max(largestPage).default(20).describe('How many items at most, 1 to 100.'),
  cursor: z.string().max(2000).optional().describe('The nextCursor of the page before; leave out for the first page.'),
})
export type PageInput = z.infer<typeof pageInput>

/** A page of items; `nextCursor` is null on the last one. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

export const businessAreas = ['marketing', 'sales', 'operations', 'customer_support', 'finance', 'hr', 'other'] as const
export const businessArea = z.enum(businessAreas)
export type BusinessArea = z.infer<typeof businessArea>

export const complexityLevels = ['beginner', 'intermediate', 'advanced'] as const
export const complexityLevel = z.enum(complexityLevels)

/** One line of text without control characters, trimmed. */
export function line(min: number, max: number) {
  return z
    .string()
    .trim()
    .min(min)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters')
}

/** Text of several lines, trimmed; tabs and line breaks are allowed. */
export function paragraph(max: number) {
  return z
    .string()
    .trim()
    .max(max)
    .regex(/^(?:[^\p{Cc}\p{Cs}]|[\t\n\r])*$/u, 'must not contain control characters')
}

export const email = z.email().max(255)
export const phone = z
  .string()
  .trim()
  .max(20)
  .regex(/^\+?[0-9 ().-]{5,20}$/, 'must be a phone number of 5 to 20 digits, spaces, dots, dashes or brackets')
