import { z } from 'zod'
import { key } from './body.ts'
import type { Storage } from './context.ts'
import type { Session } from './database.ts'
import { noSuchKey } from './errors.ts'
import { type Place, requireKey } from './names.ts'
import { deleteObjects, listKnownVersions, type StoredObject } from './objects.ts'

export const removalBody = z.object({
  prefixes: z
    .array(z.union([key, z.object({ path: key }).transform(({ path }) => path)]))
    .min(1)
    .max(1000),
})

/** Removes those of the objects that the session may remove, and tells which. */
export async function removeObjects(storage: Storage, session: Session, bucketId: string, names: string[]) {
  const deleted = await session.transaction((tx) => deleteObjects(tx, bucketId, names))
  await discard(storage, deleted)
  return deleted
}

export async function removeObject(storage: Storage, session: Session, { bucketId, name }: Place) {
  const deleted = await removeObjects(storage, session, bucketId, [requireKey(name)])
  if (deleted.length === 0) throw noSuchKey()
  return { message: 'Successfully deleted' }
}

/** Removes the bytes of objects whose rows are gone for good. */
export async function discard(storage: Storage, objects: Pick<StoredObject, 'version'>[]): Promise<void> {
  for (const { version } of objects) {
    await storage.bytes.remove(version).catch((error) => keepForSweep(storage, error))
  }
}

/** Removes bytes that came to nothing, unless a row has them after all: a lost answer to COMMIT may have been a yes. */
export async function discardUnlessKept(storage: Storage, version: string): Promise<void> {
  try {
    const known = await storage.db.own.alone((tx) => listKnownVersions(tx, [version]))
    if (!known.has(version)) await storage.bytes.remove(version)
  } catch (error) {
    keepForSweep(storage, error)
  }
}

function keepForSweep({ log }: Storage, error: unknown): void {
  log.warn({ err: error }, 'bytes that no object has any more stay until the next start')
}
