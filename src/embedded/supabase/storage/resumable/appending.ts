import { addAbortSignal } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import type { Writer } from '../caller.ts'
import type { Storage } from '../context.ts'
import { noSuchUpload, tooLarge } from '../errors.ts'
import { chunksOf } from '../incoming.ts'
import { writeObject } from '../objects.ts'
import { draftOf } from '../upload.ts'
import { completeUpload } from './completion.ts'
import { tusError } from './headers.ts'
import { deleteUploads, findUpload, noteReceived, placeIn, type ResumableUpload } from './uploads.ts'

/** Takes in the bytes of a request, from `offset` on, and makes the object once they are all there. */
export async function appendToUpload(
  storage: Storage,
  writer: Writer,
  { uploadId, offset, request }: { uploadId: string; offset: number; request: FastifyRequest },
): Promise<ResumableUpload> {
  return await inTurn(storage, uploadId, async (upload, interrupted) => {
    if (offset !== upload.received_bytes) throw tusError(409, 'Upload-Offset conflict')
    if (upload.completed_at) return upload
    const draft = draftOf(writer, placeIn(upload), upload.content, upload.total_bytes)
    await writer.session.rehearsal((tx) => writeObject(tx, upload.is_upsert ? 'upsert' : 'create', draft))
    for (const signal of [interrupted, storage.transfers.ending]) addAbortSignal(signal, request.raw)
    const received = await takeIn(storage, upload, chunksOf(request.raw))
    if (received < upload.total_bytes) return { ...upload, received_bytes: received }
    return await completeUpload(storage, writer, upload)
  })
}

/** Where an upload stands. Whoever asks is about to go on, so what still hangs of an earlier attempt is broken off. */
export async function settleUpload(storage: Storage, uploadId: string): Promise<ResumableUpload> {
  return await inTurn(storage, uploadId, async (upload) => upload)
}

/** Gives an upload up, for whoever has begun it. */
export async function terminateUpload(storage: Storage, uploadId: string): Promise<void> {
  await inTurn(storage, uploadId, async (upload) => {
    if (upload.completed_at) throw tusError(400, 'Cannot terminate a finished upload')
    await remove(storage, uploadId)
  })
}

/** Gives an upload up, whatever is still being sent of it; of one that became an object only the record goes. */
export async function giveUp(storage: Storage, uploadId: string): Promise<void> {
  await storage.transfers.run(() => storage.turns.take(uploadId, () => remove(storage, uploadId)))
}

async function remove(storage: Storage, uploadId: string): Promise<void> {
  await storage.db.own.transaction((tx) => deleteUploads(tx, [uploadId]))
  await storage.bytes.removePartial(uploadId)
}

function inTurn<T>(
  storage: Storage,
  uploadId: string,
  work: (upload: ResumableUpload, interrupted: AbortSignal) => Promise<T>,
): Promise<T> {
  const takeTurn = () =>
    storage.turns.take(uploadId, async (interrupted) => {
      const upload = await storage.db.own.transaction((tx) => findUpload(tx, uploadId))
      if (!upload) throw noSuchUpload()
      return await work(upload, interrupted)
    })
  return storage.transfers.run(takeTurn)
}

/** Whatever ends the stream, what has arrived is kept, and the upload goes on from there. */
async function takeIn(storage: Storage, upload: ResumableUpload, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const { id, total_bytes } = upload
  const file = await storage.bytes.openPartial(id, upload.received_bytes)
  let received = upload.received_bytes
  let noted = received
  const note = async () => {
    await file.sync()
    // All bytes without an object would look like success to a client that asks.
    if (received < total_bytes) await storage.db.own.transaction((tx) => noteReceived(tx, id, received))
    noted = received
  }
  try {
    for await (const chunk of chunks) {
      if (received + chunk.length > total_bytes) throw tooLarge()
      await file.append(chunk)
      received += chunk.length
      if (received - noted >= storage.settings.checkpointBytes) await note()
    }
  } finally {
    await note().finally(() => file.close())
  }
  return received
}
