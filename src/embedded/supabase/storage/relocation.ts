import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { key, nullable } from './body.ts'
import { requireAllowedType } from './bucket-input.ts'
import { type Bucket, rulesOf } from './buckets.ts'
import type { Writer } from './caller.ts'
import type { Storage } from './context.ts'
import { tooLarge } from './errors.ts'
import { readContent } from './incoming.ts'
import { pathOf } from './links.ts'
import { type Place, requireKey } from './names.ts'
import {
  getObject,
  moveObject,
  type NewObject,
  type ObjectMetadata,
  type StoredObject,
  type WriteMode,
  writeObject,
} from './objects.ts'
import { withBytes } from './reading.ts'
import { discard, discardUnlessKept } from './removal.ts'

const places = {
  bucketId: z.string(),
  sourceKey: key,
  destinationKey: key,
  destinationBucket: nullable(z.string()),
}

export const moveBody = z.object(places)
export const copyBody = z.object({
  ...places,
  copyMetadata: z.boolean().default(true),
  metadata: nullable(
    z.object({
      cacheControl: z.string().optional(),
      mimetype: z.string().optional(),
      contentEncoding: z.string().optional(),
    }),
  ),
})

type CopyBody = z.infer<typeof copyBody>

export async function move(storage: Storage, { session, ownerId }: Writer, body: z.infer<typeof moveBody>) {
  const { from, to } = placesIn(body)
  const bucket = await rulesOf(storage, to.bucketId)
  await session.transaction(async (tx) => {
    if (to.bucketId !== from.bucketId) requireAllowed(storage, bucket, (await getObject(tx, from)).metadata)
    await moveObject(tx, from, { ...to, ownerId })
  })
  return { message: 'Successfully moved' }
}

/** The copy has bytes of its own, so that either may be replaced or removed. */
export async function copy(storage: Storage, { session, ownerId }: Writer, mode: WriteMode, body: CopyBody) {
  const { from, to } = placesIn(body)
  const bucket = await rulesOf(storage, to.bucketId)
  const find = () => session.alone((tx) => getObject(tx, from))
  const { object: draft, result: version } = await withBytes(find, async (source) => {
    const described = describeCopy(storage, source, body)
    requireAllowed(storage, bucket, described.metadata)
    const object: NewObject = { ...to, ...described, id: randomUUID(), version: randomUUID(), ownerId }
    await session.rehearsal((tx) => writeObject(tx, mode, object))
    return { object, result: await storage.bytes.copy(source.version) }
  })
  try {
    const copied = await session.alone((tx) => writeObject(tx, mode, { ...draft, version }))
    if (copied.replaced) await discard(storage, [{ version: copied.replaced }])
    return { Id: copied.id, Key: pathOf(to), name: to.name, bucket_id: to.bucketId, version, metadata: draft.metadata }
  } catch (error) {
    await discardUnlessKept(storage, version)
    throw error
  }
}

function requireAllowed({ settings }: Storage, bucket: Bucket, { mimetype, size }: ObjectMetadata): void {
  requireAllowedType(mimetype, bucket.allowed_mime_types)
  if (size > (bucket.file_size_limit ?? settings.fileSizeLimit)) throw tooLarge()
}

function placesIn(body: z.infer<typeof moveBody>): { from: Place; to: Place } {
  const { bucketId, sourceKey, destinationKey, destinationBucket } = body
  return {
    from: { bucketId, name: requireKey(sourceKey) },
    to: { bucketId: destinationBucket ?? bucketId, name: requireKey(destinationKey) },
  }
}

function describeCopy({ now }: Storage, { metadata, user_metadata }: StoredObject, body: CopyBody) {
  const lastModified = new Date(now()).toISOString()
  if (body.copyMetadata) return { metadata: { ...metadata, lastModified }, userMetadata: user_metadata }
  const given = Object.fromEntries(Object.entries(body.metadata ?? {}).filter(([, value]) => value !== undefined))
  const { userMetadata, ...content } = readContent(given)
  const { contentEncoding: _, ...bytes } = metadata
  return { metadata: { ...bytes, ...content, lastModified }, userMetadata }
}
