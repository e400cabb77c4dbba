import { z } from 'zod'
import { nullable } from './body.ts'
import type { Session } from './database.ts'
import { invalidRequest } from './errors.ts'
import type { ObjectMetadata } from './objects.ts'

export const listV2Body = z.object({
  prefix: nullable(z.string().max(1024)),
  limit: z.number().int().min(1).max(1000).default(1000),
  cursor: nullable(z.string().max(8192)),
  with_delimiter: nullable(z.boolean()),
  sortBy: nullable(
    z.object({ column: z.enum(['name', 'updated_at', 'created_at']), order: z.enum(['asc', 'desc']).default('asc') }),
  ),
})

/** How far a reader has come: the place of the last entry they have. */
const cursorParts = z.tuple([z.number(), z.string(), z.string()])

interface Entry {
  name: string
  id: string | null
  updated_at: Date | null
  created_at: Date | null
  last_accessed_at: Date | null
  metadata: ObjectMetadata | null
  rank: number
  value: string
}

/** A page of a bucket's objects, and with a delimiter of its folders, from a cursor on. */
export async function listPage(session: Session, bucketId: string, body: z.infer<typeof listV2Body>) {
  const { prefix, limit, cursor, with_delimiter, sortBy } = body
  const [rank, value, name] = cursor ? readCursor(cursor) : [null, null, null]
  const statement = statementFor(sortBy?.column ?? 'name', sortBy?.order ?? 'asc')
  const values = [bucketId, prefix ?? '', with_delimiter ?? false, rank, value, name, limit + 1]
  const found = await session.alone((tx) => tx.query<Entry>(statement, values))
  const page = found.slice(0, limit)
  const last = page.at(-1)
  const hasNext = found.length > limit
  return {
    hasNext,
    folders: page.filter((entry) => entry.id === null).map((entry) => ({ key: keyOf(entry), name: entry.name })),
    objects: page
      .filter((entry) => entry.id !== null)
      .map(({ rank: _, value: __, ...entry }) => ({ key: keyOf(entry), ...entry })),
    ...(hasNext && last ? { nextCursor: cursorOf(last) } : {}),
  }
}

// $1 bucket, $2 prefix, $3 whether there are folders, $4 to $6 the cursor, $7 count. Folders come before objects unless
// all are sorted by name.
function statementFor(column: 'name' | 'updated_at' | 'created_at', order: 'asc' | 'desc'): string {
  const isByName = column === 'name'
  const ranks = isByName ? [0, 0] : order === 'asc' ? [0, 1] : [1, 0]
  const value = isByName ? 'f.name' : `to_char(f.${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`
  return `with found as (
      select o.id, o.name collate "C" as name, o.updated_at, o.created_at, o.last_accessed_at, o.metadata,
        case when $3 and strpos(substr(o.name, length($2) + 1), '/') > 0 then
          left(o.name, length($2)) || split_part(substr(o.name, length($2) + 1), '/', 1) || '/'
        end collate "C" as folder
      from storage.objects o where o.bucket_id = $1 and starts_with(lower(o.name), lower($2))
    ), entries as (
      select f.name, f.id, f.updated_at, f.created_at, f.last_accessed_at, f.metadata, ${ranks[1]} as rank,
        ${value} collate "C" as value
      from found f where f.folder is null
      union all
      select distinct f.folder, null::uuid, null::timestamptz, null::timestamptz, null::timestamptz, null::jsonb,
        ${ranks[0]}, ${isByName ? 'f.folder' : `''`} collate "C"
      from found f where f.folder is not null
    )
    select e.* from entries e
    where $4::int is null or (e.rank, e.value, e.name) ${order === 'asc' ? '>' : '<'} ($4, $5, $6)
    order by e.rank ${order}, e.value ${order}, e.name ${order} limit $7`
}

function keyOf({ name }: { name: string }): string {
  return name.replace(/\/$/, '').split('/').at(-1) ?? name
}

function cursorOf({ rank, value, name }: Entry): string {
  return Buffer.from(JSON.stringify([rank, value, name])).toString('base64url')
}

function readCursor(cursor: string): z.infer<typeof cursorParts> {
  try {
    return cursorParts.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
  } catch {
    throw invalidRequest('The cursor is not one that a list gave')
  }
}
