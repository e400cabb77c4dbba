import type { FileHandle } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { giveBack } from './give-back.ts'

const mostWaiting = 512 * 1024

/**
 * Writes chunks one behind the other from the beginning of a file, and empties them. Those that come at once, or while the disk is
 * busy, go together.
 */
export class BatchWriter {
  readonly #file: FileHandle
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #position = 0
  #writing: Promise<void> | undefined

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** Resolves once there is room for the next one. @throws what kept an earlier one from being written. */
  async take(chunk: Uint8Array): Promise<void> {
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    this.#writing ??= this.#write()
    if (this.#waitingBytes >= mostWaiting) await this.#writing
  }

  async end(): Promise<void> {
    await this.#writing
  }

  /** Resolves once nothing is being written any more, whatever came of it. */
  async settle(): Promise<void> {
    await this.#writing?.catch(() => undefined)
  }

  #write(): Promise<void> {
    const writing = this.#writeWaiting()
    // Whoever takes or ends next is told; until then nobody may be listening.
    writing.catch(() => undefined)
    return writing
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      await setImmediate()
      const [batch, position] = [this.#waiting, this.#position]
      this.#position += this.#waitingBytes
      this.#waiting = []
      this.#waitingBytes = 0
      await writeBatch(this.#file, batch, position)
    }
    this.#writing = undefined
  }
}

/** Writes all of a chunk, however often the disk takes only a part. */
export async function writeAt(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, written, chunk.length - written, position + written)
    written += bytesWritten
  }
}

async function writeBatch(file: FileHandle, batch: Uint8Array[], position: number): Promise<void> {
  const { bytesWritten } = await file.writev(batch, position)
  const total = batch.reduce((sum, chunk) => sum + chunk.length, 0)
  if (bytesWritten < total) await writeAt(file, Buffer.concat(batch).subarray(bytesWritten), position + bytesWritten)
  for (const chunk of batch) giveBack(chunk)
}
