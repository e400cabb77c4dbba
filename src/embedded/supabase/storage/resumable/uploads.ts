import type { Writer } from '../caller.ts'
import type { Queryable, Storage } from '../context.ts'
import { noSuchUpload } from '../errors.ts'
import type { Content } from '../incoming.ts'
import { pathOf } from '../links.ts'
import type { Place } from '../names.ts'

/** An upload that comes in parts. Its id becomes the version of the object that it makes. */
export interface ResumableUpload {
  id: string
  bucket_id: string
  name: string
  owner_id: string | null
  is_upsert: boolean
  total_bytes: number
  /** Those that survive a crash. The last of them counts only once the object is there. */
  received_bytes: number
  content: Content
  client_metadata: string
  expires_at: Date
  completed_at: Date | null
}

const columns = `u.id, u.bucket_id, u.name, u.owner_id, u.is_upsert, u.total_bytes::float8, u.received_bytes::float8,
  u.content, u.client_metadata, u.expires_at, u.completed_at`
const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The last part of an upload's address. */
export function addressOf({ id, bucket_id, name }: ResumableUpload): string {
  return Buffer.from(`${pathOf({ bucketId: bucket_id, name })}/${id}`).toString('base64url')
}

export function placeIn({ bucket_id, name }: ResumableUpload): Place {
  return { bucketId: bucket_id, name }
}

/** What an address says of its upload; whether it says the truth is for `requireUpload` to tell. */
export function readAddress(address: string): Place & { id: string } {
  const [bucketId = '', ...rest] = Buffer.from(address, 'base64url').toString('utf8').split('/')
  return { bucketId, name: rest.slice(0, -1).join('/'), id: rest.at(-1) ?? '' }
}

/** The upload at an address, for whoever began it and as long as it waits. */
export async function requireUpload(storage: Storage, writer: Writer, address: string): Promise<ResumableUpload> {
  const { id } = readAddress(address)
  const upload = uuidPattern.test(id) ? await storage.db.own.transaction((tx) => findUpload(tx, id)) : undefined
  if (!upload || addressOf(upload) !== address || upload.owner_id !== writer.ownerId) throw noSuchUpload()
  if (upload.expires_at.getTime() <= storage.now()) throw noSuchUpload(410)
  return upload
}

export async function findUpload(tx: Queryable, id: string): Promise<ResumableUpload | undefined> {
  const text = `select ${columns} from storage.resumable_uploads u where u.id = $1`
  const [upload] = await tx.query<ResumableUpload>(text, [id])
  return upload
}

export async function insertUpload(tx: Queryable, upload: ResumableUpload): Promise<void> {
  const text = `insert into storage.resumable_uploads
    (id, bucket_id, name, owner_id, is_upsert, total_bytes, content, client_metadata, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
  const { id, bucket_id, name, owner_id, is_upsert, total_bytes, content, client_metadata, expires_at } = upload
  await tx.query(text, [id, bucket_id, name, owner_id, is_upsert, total_bytes, content, client_metadata, expires_at])
}

/** Takes note of bytes that are on the disk; never of fewer than before. */
export async function noteReceived(tx: Queryable, id: string, receivedBytes: number): Promise<void> {
  const text = `update storage.resumable_uploads u set received_bytes = $2
    where u.id = $1 and u.received_bytes < $2 and u.completed_at is null`
  await tx.query(text, [id, receivedBytes])
}

export async function markCompleted(tx: Queryable, id: string, at: Date): Promise<void> {
  const text = `update storage.resumable_uploads u set received_bytes = u.total_bytes, completed_at = $2
    where u.id = $1 and u.completed_at is null returning u.id`
  if ((await tx.query(text, [id, at])).length === 0) throw noSuchUpload()
}

/** The ids of those whose time is over. */
export async function listExpired(tx: Queryable, now: Date): Promise<string[]> {
  const text = 'select u.id from storage.resumable_uploads u where u.expires_at <= $1'
  return (await tx.query<{ id: string }>(text, [now])).map((row) => row.id)
}

/** The ids of those for these objects that are not whole. */
export async function listFor(tx: Queryable, bucketId: string, names: readonly string[]): Promise<string[]> {
  const text = `select u.id from storage.resumable_uploads u
    where u.bucket_id = $1 and u.name = any ($2) and u.completed_at is null`
  return (await tx.query<{ id: string }>(text, [bucketId, names])).map((row) => row.id)
}

/** The ids of those that the same owner has begun for the same object and that are not whole. */
export async function listFormer(tx: Queryable, { bucket_id, name, owner_id }: ResumableUpload): Promise<string[]> {
  const text = `select u.id from storage.resumable_uploads u
    where u.bucket_id = $1 and u.name = $2 and u.owner_id is not distinct from $3 and u.completed_at is null`
  return (await tx.query<{ id: string }>(text, [bucket_id, name, owner_id])).map((row) => row.id)
}

export async function deleteUploads(tx: Queryable, ids: readonly string[]): Promise<void> {
  await tx.query('delete from storage.resumable_uploads u where u.id = any ($1)', [ids])
}

/** The ids of those that wait for more. */
export async function listWaiting(tx: Queryable): Promise<{ id: string; received_bytes: number }[]> {
  return await tx.query(
    'select u.id, u.received_bytes::float8 from storage.resumable_uploads u where u.completed_at is null',
  )
}
