import { z } from 'zod'
import { nullable } from './body.ts'
import type { Session } from './database.ts'
import type { ObjectMetadata } from './objects.ts'

const longest = 1024
const text = z.string().max(longest)
const whole = (least: number, most: number) => z.number().int().min(least).max(most)
const order = z.enum(['asc', 'desc'])

export const listBody = z.object({
  prefix: text.default(''),
  limit: whole(1, 10_000).default(100),
  offset: whole(0, 1_000_000_000).default(0),
  search: nullable(text),
  sortBy: z
    .object({
      column: z.enum(['name', 'updated_at', 'created_at', 'last_accessed_at']).default('name'),
      order: order.default('asc'),
    })
    .default({ column: 'name', order: 'asc' }),
})

interface Entry {
  name: string
  id: string | null
  updated_at: Date | null
  created_at: Date | null
  last_accessed_at: Date | null
  metadata: ObjectMetadata | null
}

/** The objects and folders that lie directly in a folder, with names relative to it. */
export async function listFolder(
  session: Session,
  bucketId: string,
  { prefix, limit, offset, search, sortBy }: z.infer<typeof listBody>,
): Promise<Entry[]> {
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
  const wanted = search ?? ''
  const inner = wanted.slice(0, wanted.lastIndexOf('/') + 1)
  const direction = sortBy.order
  const sorting =
    sortBy.column === 'name' ? `e.name ${direction}` : `e.id is null desc, e.${sortBy.column} ${direction}, e.name`
  const statement = `with ${entries} select $4 || e.name as name, e.id, e.updated_at, e.created_at, e.last_accessed_at,
    e.metadata from entries e order by ${sorting} limit $5 offset $6`
  const values = [bucketId, folder + inner, wanted.slice(inner.length), inner, limit, offset]
  return await session.alone((tx) => tx.query<Entry>(statement, values))
}

// $1 bucket, $2 folder with its slash, $3 how the names in it begin; case does not count, as on Supabase.
const entries = `found as (
    select o.id, o.updated_at, o.created_at, o.last_accessed_at, o.metadata, substr(o.name, length($2) + 1) as rest
    from storage.objects o where o.bucket_id = $1 and starts_with(lower(o.name), lower($2 || $3))
  ), entries as (
    select f.rest collate "C" as name, f.id, f.updated_at, f.created_at, f.last_accessed_at, f.metadata
    from found f where strpos(f.rest, '/') = 0
    union all
    select distinct split_part(f.rest, '/', 1) collate "C", null::uuid, null::timestamptz, null::timestamptz,
      null::timestamptz, null::jsonb
    from found f where strpos(f.rest, '/') > 0
  )`
