import { randomUUID } from 'node:crypto'
import { requireAllowedType } from './bucket-input.ts'
import { type Bucket, rulesOf } from './buckets.ts'
import { partBytes, type StoredBytes } from './byte-store.ts'
import type { Writer } from './caller.ts'
import type { Storage } from './context.ts'
import { tooLarge } from './errors.ts'
import type { Content, Incoming } from './incoming.ts'
import { pathOf } from './links.ts'
import { type Place, requireKey } from './names.ts'
import { type NewObject, type ObjectMetadata, type WriteMode, writeObject } from './objects.ts'
import { discard, discardUnlessKept } from './removal.ts'

export interface Target extends Place {
  mode: WriteMode
}

/**
 * Puts an object into a bucket: asks first whether it may, takes the bytes in, then writes the row as the same caller.
 * Nothing is left of an upload that fails on the way.
 */
export async function uploadObject(storage: Storage, writer: Writer, target: Target, incoming: Incoming) {
  const { content, announcedBytes } = incoming
  const limit = await admit(storage, target, content, announcedBytes)
  const draft = draftOf(writer, target, content, announcedBytes)
  await writer.session.rehearsal((tx) => writeObject(tx, target.mode, draft))
  const stored = await storage.bytes.receive(incoming.chunks, limit)
  const { version } = stored
  const object = { ...draft, version, metadata: metadataOf(storage, content, stored) }
  try {
    const { id, replaced } = await writer.session.alone((tx) => writeObject(tx, target.mode, object))
    if (replaced) await discard(storage, [{ version: replaced }])
    return { Id: id, Key: pathOf(target) }
  } catch (error) {
    await discardUnlessKept(storage, version)
    throw error
  }
}

/** The most bytes that an object of this kind may have there. Throws when there may be none of the kind, or not so many. */
export async function admit(
  storage: Storage,
  place: Place,
  { mimetype }: Content,
  announcedBytes: number | undefined,
): Promise<number> {
  requireKey(place.name)
  const bucket = await rulesOf(storage, place.bucketId)
  requireAllowedType(mimetype, bucket.allowed_mime_types)
  const limit = limitOf(storage, bucket)
  if (announcedBytes !== undefined && announcedBytes > limit) throw tooLarge()
  return limit
}

/** The row that an upload is going to be, for policies to judge before its bytes have come. */
export function draftOf(writer: Writer, place: Place, content: Content, announcedBytes: number | undefined): NewObject {
  const { mimetype, cacheControl, userMetadata } = content
  const size = announcedBytes === undefined ? {} : { size: announcedBytes, contentLength: announcedBytes }
  return {
    ...{ bucketId: place.bucketId, name: place.name },
    id: randomUUID(),
    version: randomUUID(),
    ownerId: writer.ownerId,
    metadata: { mimetype, cacheControl, ...size },
    userMetadata,
  }
}

export function metadataOf(
  { now }: Storage,
  { mimetype, cacheControl, contentEncoding }: Omit<Content, 'userMetadata'>,
  stored: StoredBytes,
): ObjectMetadata {
  const { size } = stored
  return {
    eTag: `"${tagOf(stored)}"`,
    size,
    mimetype,
    cacheControl,
    lastModified: new Date(now()).toISOString(),
    contentLength: size,
    httpStatusCode: 200,
    ...(contentEncoding ? { contentEncoding } : {}),
  }
}

// As S3 has it: the MD5 of what was sent at once, and else 32 digits and the number of parts. Bytes never change under their version.
function tagOf({ version, size, md5 }: StoredBytes): string {
  return md5 ?? `${version.replaceAll('-', '')}-${Math.max(1, Math.ceil(size / partBytes))}`
}

function limitOf({ settings }: Storage, bucket: Bucket): number {
  return Math.min(bucket.file_size_limit ?? settings.fileSizeLimit, settings.fileSizeLimit)
}
