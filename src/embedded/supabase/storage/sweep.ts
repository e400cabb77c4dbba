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

/** Removes from time to time what runs out while the server is up. @returns ends that. */
export function keepSwept(storage: Storage): () => void {
  const { log, transfers, settings } = storage
  const clear = () =>
    transfers
      .run(() => removeExpired(storage))
      .catch((error: unknown) => log.warn({ err: error }, 'uploads whose time is over stay until the next look'))
  const upkeep = setInterval(clear, settings.upkeepSeconds * 1000).unref()
  return () => clearInterval(upkeep)
}

async function sweepPartial({ db, bytes }: Storage): Promise<void> {
  const waiting = await db.own.transaction(listWaiting)
  const unclaimed = new Set(await bytes.listPartial())
  const lost: string[] = []
  for (const { id, received_bytes } of waiting) {
    // A crash between the last byte and the row leaves the bytes where those of objects are.
    const isThere = unclaimed.delete(id) || received_bytes === 0 || (await bytes.demoteToPartial(id))
    if (!isThere) lost.push(id)
  }
  await db.own.transaction((tx) => deleteUploads(tx, lost))
  for (const id of unclaimed) await bytes.removePartial(id)
}
