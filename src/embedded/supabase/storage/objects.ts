import type { Queryable } from './context.ts'
import { noSuchKey } from './errors.ts'
import type { Place } from './names.ts'

/** As Supabase keeps it with every object. */
export interface ObjectMetadata {
  eTag: string
  size: number
  mimetype: string
  cacheControl: string
  lastModified: string
  contentLength: number
  httpStatusCode: number
  contentEncoding?: string
}

export interface StoredObject {
  id: string
  bucket_id: string
  name: string
  owner: string | null
  owner_id: string | null
  version: string
  created_at: Date
  updated_at: Date
  last_accessed_at: Date
  metadata: ObjectMetadata
  user_metadata: object | null
}

/** What a row is made of. */
export interface NewObject extends Place {
  id: string
  version: string
  ownerId: string | null
  metadata: Partial<ObjectMetadata>
  userMetadata: object | null
}

/** Whether there may, or must, be an object of that name already. */
export type WriteMode = 'create' | 'upsert' | 'overwrite'

export interface Written {
  id: string
  /** The version that this one has taken the place of. */
  replaced: string | null
}

const columns = `o.id, o.bucket_id, o.name, o.owner, o.owner_id, o.version, o.created_at, o.updated_at,
  o.last_accessed_at, o.metadata, o.user_metadata`
const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export async function findObject(tx: Queryable, { bucketId, name }: Place): Promise<StoredObject | undefined> {
  const text = `select ${columns} from storage.objects o where o.bucket_id = $1 and o.name = $2`
  const [object] = await tx.query<StoredObject>(text, [bucketId, name])
  return object
}

export async function getObject(tx: Queryable, place: Place): Promise<StoredObject> {
  const object = await findObject(tx, place)
  if (!object) throw noSuchKey()
  return object
}

export async function listNames(tx: Queryable, bucketId: string, names: readonly string[]): Promise<Set<string>> {
  const text = 'select o.name from storage.objects o where o.bucket_id = $1 and o.name = any ($2)'
  const rows = await tx.query<{ name: string }>(text, [bucketId, names])
  return new Set(rows.map((row) => row.name))
}

/** The next names of a bucket, in their order. */
export async function listNamesAfter(tx: Queryable, bucketId: string, after: string): Promise<string[]> {
  const text = `select o.name from storage.objects o where o.bucket_id = $1 and o.name > $2 order by o.name limit 500`
  const rows = await tx.query<{ name: string }>(text, [bucketId, after])
  return rows.map((row) => row.name)
}

export async function writeObject(tx: Queryable, mode: WriteMode, object: NewObject): Promise<Written> {
  switch (mode) {
    case 'create':
      await tx.query(insertion, valuesOf(object))
      return { id: object.id, replaced: null }
    case 'upsert':
      return writtenOf(await tx.query<Written>(`${insertion} ${replacement}`, valuesOf(object)))
    case 'overwrite':
      return writtenOf(await tx.query<Written>(overwriting, valuesOf(object).slice(1)))
  }
}

/** Renames an object where it is, or takes it to another bucket; its bytes do not move. */
export async function moveObject(tx: Queryable, from: Place, to: Place & { ownerId: string | null }): Promise<void> {
  const text = `update storage.objects o
    set bucket_id = $3, name = $4, owner_id = coalesce($5, o.owner_id), owner = coalesce($6, o.owner)
    where o.bucket_id = $1 and o.name = $2 returning o.id`
  const values = [from.bucketId, from.name, to.bucketId, to.name, to.ownerId, uuidOf(to.ownerId)]
  if ((await tx.query(text, values)).length === 0) throw noSuchKey()
}

/** Deletes those that the session may delete, and returns them. */
export async function deleteObjects(
  tx: Queryable,
  bucketId: string,
  names: readonly string[],
): Promise<StoredObject[]> {
  await allowDeletion(tx)
  const text = `delete from storage.objects o where o.bucket_id = $1 and o.name = any ($2) returning ${columns}`
  return await tx.query<StoredObject>(text, [bucketId, names])
}

/** A trigger refuses to delete what would leave bytes behind; whoever calls this removes them. */
export async function allowDeletion(tx: Queryable): Promise<void> {
  await tx.query(`select set_config('storage.allow_delete_query', 'true', true)`)
}

/** Those of the versions that some object has. */
export async function listKnownVersions(tx: Queryable, versions: readonly string[]): Promise<Set<string>> {
  const text = 'select o.version from storage.objects o where o.version = any ($1)'
  const rows = await tx.query<{ version: string }>(text, [versions])
  return new Set(rows.map((row) => row.version))
}

const insertion = `insert into storage.objects as o
  (id, bucket_id, name, version, owner_id, owner, metadata, user_metadata) values ($1, $2, $3, $4, $5, $6, $7, $8)`
const replacement = `on conflict (bucket_id, name) do update
  set version = excluded.version, owner_id = excluded.owner_id, owner = excluded.owner,
    metadata = excluded.metadata, user_metadata = excluded.user_metadata
  returning o.id, old.version as replaced`
const overwriting = `update storage.objects o
  set version = $3, owner_id = $4, owner = $5, metadata = $6, user_metadata = $7
  where o.bucket_id = $1 and o.name = $2 returning o.id, old.version as replaced`

function valuesOf({ id, bucketId, name, version, ownerId, metadata, userMetadata }: NewObject): unknown[] {
  return [id, bucketId, name, version, ownerId, uuidOf(ownerId), metadata, userMetadata]
}

function writtenOf([written]: Written[]): Written {
  if (!written) throw noSuchKey()
  return written
}

function uuidOf(ownerId: string | null): string | null {
  return ownerId && uuidPattern.test(ownerId) ? ownerId : null
}
