import type { FastifyRequest } from 'fastify'
import { findBucket } from './buckets.ts'
import { findCaller, requireSession } from './caller.ts'
import type { Storage } from './context.ts'
import { noSuchBucket, noSuchKey } from './errors.ts'
import { type Place, requireBucketId, requireKey } from './names.ts'
import { getObject, type StoredObject } from './objects.ts'

/** What may be seen without asking who asks: anything in a public bucket, and nothing else. */
export async function readPublic({ db }: Storage, place: Place): Promise<StoredObject> {
  const { bucketId, name } = checked(place)
  return await db.own.transaction(async (tx) => {
    const bucket = await findBucket(tx, bucketId)
    if (!bucket?.public) throw noSuchBucket()
    return await getObject(tx, { bucketId, name })
  })
}

/** What the caller's policies show; a public bucket shows everything, also to nobody in particular. */
export async function readForCaller(storage: Storage, request: FastifyRequest, place: Place): Promise<StoredObject> {
  const caller = await findCaller(storage, request)
  const bucket = await storage.db.own.alone((tx) => findBucket(tx, checked(place).bucketId))
  if (!caller || bucket?.public) return await readPublic(storage, place)
  if (!bucket) throw noSuchBucket()
  return await storage.db.sessionOf(caller).alone((tx) => getObject(tx, place))
}

/** What the caller's policies show, whatever the bucket is. */
export async function readByPolicy(storage: Storage, request: FastifyRequest, place: Place): Promise<StoredObject> {
  const session = await requireSession(storage, request)
  return await session.alone((tx) => getObject(tx, checked(place)))
}

/** What a link has opened; the link itself has been verified. */
export async function readByLink({ db }: Storage, place: Place): Promise<StoredObject> {
  return await db.own.alone((tx) => getObject(tx, checked(place)))
}

/**
 * Finds an object and does something with its bytes. Between the two it may be replaced, and its bytes with it: then
 * the new one counts.
 */
export async function withBytes<T>(
  find: () => Promise<StoredObject>,
  use: (object: StoredObject) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const object = await find()
    try {
      return await use(object)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  }
  throw noSuchKey()
}

function checked({ bucketId, name }: Place): Place {
  return { bucketId: requireBucketId(bucketId), name: requireKey(name) }
}
