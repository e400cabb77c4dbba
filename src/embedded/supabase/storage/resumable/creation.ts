import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { readUserMetadata } from '../body.ts'
import type { Writer } from '../caller.ts'
import type { Storage } from '../context.ts'
import { cacheControlOf, readContent } from '../incoming.ts'
import { type Place, requireBucketId } from '../names.ts'
import { writeObject } from '../objects.ts'
import { admit, draftOf } from '../upload.ts'
import { metadataIn, numberIn } from './headers.ts'
import { deleteExpired, insertUpload, type ResumableUpload } from './uploads.ts'

/** The object that a new upload is meant to become. */
export function placeInMetadata(request: FastifyRequest): Place {
  const { fields } = metadataIn(request)
  return { bucketId: requireBucketId(fields.get('bucketName') ?? ''), name: fields.get('objectName') ?? '' }
}

/** Begins an upload for somebody who might upload the whole of it at once. */
export async function beginUpload(
  storage: Storage,
  writer: Writer,
  request: FastifyRequest,
  isUpsert: boolean,
): Promise<ResumableUpload> {
  const { raw, fields } = metadataIn(request)
  const place = placeInMetadata(request)
  const totalBytes = numberIn(request, 'upload-length')
  const content = contentIn(fields)
  await admit(storage, place, content, totalBytes)
  const draft = draftOf(writer, place, content, totalBytes)
  await writer.session.rehearsal((tx) => writeObject(tx, isUpsert ? 'upsert' : 'create', draft))
  await removeExpired(storage)
  const upload: ResumableUpload = {
    ...{ id: randomUUID(), bucket_id: place.bucketId, name: place.name, owner_id: writer.ownerId },
    ...{ is_upsert: isUpsert, total_bytes: totalBytes, received_bytes: 0, content, client_metadata: raw },
    expires_at: new Date(storage.now() + storage.settings.resumableSeconds * 1000),
    completed_at: null,
  }
  await storage.db.own.transaction((tx) => insertUpload(tx, upload))
  return upload
}

/** Removes uploads that nobody came back to in time. */
export async function removeExpired(storage: Storage): Promise<void> {
  const expired = await storage.db.own.transaction((tx) => deleteExpired(tx, new Date(storage.now())))
  for (const id of expired) await storage.bytes.removePartial(id)
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
