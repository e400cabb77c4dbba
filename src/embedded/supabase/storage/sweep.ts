import type { Storage } from './context.ts'
import { listKnownVersions } from './objects.ts'
import { removeExpired } from './resumable/creation.ts'
import { deleteUploads, listWaiting } from './resumable/uploads.ts'

/** Removes what a process left that ended in the middle: bytes without a row, and uploads whose bytes are lost. */
export async function sweep(storage: Storage): Promise<void> {
  await storage.bytes.sweepIncoming()
  await removeExpired(storage)
  await sweepPartial(storage)
  const { bytes, db } = storage
  await bytes.sweepObjects((versions) => db.own.transaction((tx) => listKnownVersions(tx, versions)))
}

async function sweepPartial({ db, bytes }: Storage): Promise<void> {
  const waiting = await db.own.transaction(listWaiting)
  const files = new Set(await bytes.listPartial())
  const lost = waiting.filter((upload) => upload.received_bytes > 0 && !files.has(upload.id))
  await db.own.transaction((tx) =>
    deleteUploads(
      tx,
      lost.map((upload) => upload.id),
    ),
  )
  for (const { id } of waiting) files.delete(id)
  for (const id of files) await bytes.removePartial(id)
}
