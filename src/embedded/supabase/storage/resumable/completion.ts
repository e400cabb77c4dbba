import { randomUUID } from 'node:crypto'
import type { Writer } from '../caller.ts'
import type { Storage } from '../context.ts'
import { becomeStorage } from '../database.ts'
import { isRefusal } from '../failures.ts'
import { listKnownVersions, writeObject } from '../objects.ts'
import { discard } from '../removal.ts'
import { metadataOf } from '../upload.ts'
import { deleteUploads, markCompleted, placeIn, type ResumableUpload } from './uploads.ts'

/** Makes the object of an upload whose bytes are all there; its row and the upload's end are one change. */
export async function completeUpload(
  storage: Storage,
  writer: Writer,
  upload: ResumableUpload,
): Promise<ResumableUpload> {
  const { id, total_bytes, content, is_upsert } = upload
  const completedAt = new Date(storage.now())
  await storage.bytes.promotePartial(id)
  const object = {
    ...{ ...placeIn(upload), id: randomUUID(), version: id, ownerId: writer.ownerId },
    metadata: metadataOf(storage, content, { version: id, size: total_bytes, md5: undefined }),
    userMetadata: content.userMetadata,
  }
  try {
    const { replaced } = await writer.session.transaction(async (tx) => {
      const written = await writeObject(tx, is_upsert ? 'upsert' : 'create', object)
      await becomeStorage(tx)
      await markCompleted(tx, id, completedAt)
      return written
    })
    if (replaced) await discard(storage, [{ version: replaced }])
  } catch (error) {
    await takeBack(storage, upload, isRefusal(error))
    throw error
  }
  return { ...upload, received_bytes: total_bytes, completed_at: completedAt }
}

/** After a refusal nothing is left; after any other failure the client may send the last bytes once more. */
async function takeBack(storage: Storage, { id }: ResumableUpload, isFinal: boolean): Promise<void> {
  try {
    const known = await storage.db.own.transaction((tx) => listKnownVersions(tx, [id]))
    if (known.has(id)) return
    await storage.bytes.demoteToPartial(id)
    if (!isFinal) return
    await storage.db.own.transaction((tx) => deleteUploads(tx, [id]))
    await storage.bytes.removePartial(id)
  } catch (error) {
    storage.log.warn({ err: error }, 'an upload that failed at its end stays until the next start')
  }
}
