import { z } from 'zod'
import { parseJson } from '../json.ts'
import type { Position, Slice } from '../store/run-filters.ts'

const defaultLimit = 10
const largestPage = 1000
const position = z.object({ created: z.string(), id: z.string() })

export interface Page<T> {
  next: string | null
  previous: string | null
  data: T[]
}

/** A limit of none means the default; a cursor that cannot be read is ignored. */
export function readSlice(query: { limit?: number | undefined; cursor?: string | undefined }): Slice {
  const wanted = query.limit === undefined || !(query.limit >= 1) ? defaultLimit : query.limit
  return { limit: Math.min(Math.floor(wanted), largestPage), from: readCursor(query.cursor) }
}

/** A page from the rows of a slice that was read with one row more than its limit. */
export function pageOf<T extends Position>(rows: T[], slice: Slice): Page<T> {
  const isNewer = slice.from?.towards === 'newer'
  const hasMore = rows.length > slice.limit
  const data = hasMore ? (isNewer ? rows.slice(-slice.limit) : rows.slice(0, slice.limit)) : rows
  const first = data[0]
  const last = data.at(-1)
  const hasNext = isNewer || hasMore
  const hasPrevious = isNewer ? hasMore : slice.from !== undefined
  return {
    next: hasNext && last !== undefined ? writeCursor('next', last) : null,
    previous: hasPrevious && first !== undefined ? writeCursor('prev', first) : null,
    data,
  }
}

function writeCursor(direction: 'next' | 'prev', row: Position): string {
  return base64(`${direction}_${base64(JSON.stringify({ created: row.created, id: row.id }))}`)
}

function readCursor(cursor: string | undefined): Slice['from'] {
  const [, direction, encoded] = /^(next|prev)_(.+)$/.exec(unbase64(cursor ?? '')) ?? []
  if (encoded === undefined) return undefined
  try {
    const found = position.parse(parseJson(unbase64(encoded)))
    return { position: found, towards: direction === 'prev' ? 'newer' : 'older' }
  } catch {
    return undefined
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function unbase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8')
}
