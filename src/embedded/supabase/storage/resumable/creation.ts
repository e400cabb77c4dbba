import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { readUserMetadata } from '../body.ts'
import type { Writer } from '../caller.ts'
import type { Storage } from '../context.ts'
import { cacheControlOf, readContent } from '../incoming.ts'
import { pathOf } from '../links.ts'
import { type Place, requireBucketId } from '../names.ts'
import { writeObject } from '../objects.ts'
import { admit, draftOf } from '../upload.ts'
import { giveUp } from './appending.ts'
import { metadataIn, numberIn } from './headers.ts'
import { insertUpload, listExpired, listFor, listFormer, type ResumableUpload } from './uploads.ts'

/** Somebody who uploads in parts: a caller, or the holder of a link for one object. */
export interface Uploader extends Writer {
  isUpsert: boolean
  /** When an upload that they begin now ends, whether it is whole or not. */
  expiresAt: Date
}

/** The object that a new upload is meant to become. */
export function placeInMetadata(request: FastifyRequest): Place {
  const { fields } = metadataIn(request)
  return { bucketId: requireBucketId(fields.get('bucketName') ?? ''), name: fields.get('objectName') ?? '' }
}

/** Begins an upload for somebody who might upload the whole of it at once; it takes the place of one that they have begun there before. */
export async function beginUpload(
  storage: Storage,
  uploader: Uploader,
  request: FastifyRequest,
): Promise<ResumableUpload> {
  const { raw, fields } = metadataIn(request)
  const place = placeInMetadata(request)
  const totalBytes = numberIn(request, 'upload-length')
  const content = contentIn(fields)
  await admit(storage, place, content, totalBytes)
  const { session, ownerId, isUpsert, expiresAt } = uploader
  const draft = draftOf(uploader, place, content, totalBytes)
  await session.rehearsal((tx) => writeObject(tx, isUpsert ? 'upsert' : 'create', draft))
  const upload: ResumableUpload = {
    ...{ id: randomUUID(), bucket_id: place.bucketId, name: place.name, owner_id: ownerId },
    ...{ is_upsert: isUpsert, total_bytes: totalBytes, received_bytes: 0, content, client_metadata: raw },
    expires_at: expiresAt,
    completed_at: null,
  }
  await storage.turns.take(pathOf(place), () => takePlace(storage, upload))
  return upload
}

// The bytes of an upload that is not whole are counted nowhere, so whoever may begin one has one at a time.
async function takePlace(storage: Storage, upload: ResumableUpload): Promise<void> {
  for (const id of await storage.db.own.transaction((tx) => listFormer(tx, upload))) await giveUp(storage, id)
  await storage.db.own.transaction((tx) => insertUpload(tx, upload))
}

/** Gives up what was to become these objects, whoever has begun it. */
export async function giveUpFor(storage: Storage, bucketId: string, names: readonly string[]): Promise<void> {
  const uploads = await storage.db.own.transaction((tx) => listFor(tx, bucketId, names))
  for (const id of uploads) await giveUp(storage, id)
}

/** Removes uploads that are not whole in time. */
export async function removeExpired(storage: Storage): Promise<void> {
  const now = new Date(storage.now())
  for (const id of await storage.db.own.transaction((tx) => listExpired(tx, now))) await giveUp(storage, id)
}

function contentIn(fields: Map<string, string>) {
  const contentType = fields.get('contentType')
  const cacheControl = fields.get('cacheControl')
  return readContent({
    ...(contentType ? { mimetype: contentType } : {}),
    ...(cacheControl ? { cacheControl: cacheControlOf(cacheControl) } : {}),
    userMetadata: readUserMetadata(fields.get('metadata')),
  })
}
