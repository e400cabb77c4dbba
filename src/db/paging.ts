import { type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { badInput } from '../errors.ts'

/** A place in a list ordered by a time and an id, newest first. */
export interface Position {
  at: string
  id: string
}

// PostgreSQL knows no year 0.
const position = z.tuple([z.iso.datetime().refine((at) => at > '0001'), z.uuid()])

/** @throws {DomainError} BAD_REQUEST when the cursor is not one that we gave out. */
export function readCursor(cursor: string | undefined): Position | undefined {
  if (cursor === undefined) return undefined
  const [at, id] = position.safeParse(decode(cursor)).data ?? refuseCursor()
  return { at, id }
}

/** Cuts a list fetched with one row too many to the page and names the place where the next one begins. */
export function toPage<Row>(
  rows: Row[],
  limit: number,
  place: (row: Row) => Position,
): { items: Row[]; nextCursor: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  if (rows.length <= limit || !last) return { items, nextCursor: null }
  const { at, id } = place(last)
  return { items, nextCursor: encode([at, id]) }
}

/** As the indexes of lists are made; a plain `desc` puts nulls first, and the database would sort instead of reading along one. */
export function newestFirst(column: AnyPgColumn): SQL {
  return sql`${column} desc nulls last`
}

/** The rows behind a position, newest first. */
export function behind(position: Position | undefined, at: AnyPgColumn, id: AnyPgColumn): SQL | undefined {
  return position && sql`(${at}, ${id}) < (${position.at}::timestamptz, ${position.id}::uuid)`
}

export function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

export function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}

export function refuseCursor(): never {
  return badInput([{ path: 'cursor', message: 'must be the nextCursor of an earlier page, unchanged' }])
}
