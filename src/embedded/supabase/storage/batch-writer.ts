import type { FileHandle } from 'node:fs/promises'

const batchBytes = 256 * 1024

/** Writes chunks one behind the other from the beginning of a file, many at once, while the next ones come in. */
export class BatchWriter {
  readonly #file: FileHandle
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #position = 0
  #writing: Promise<void> = Promise.resolve()

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** Resolves once there is room for the next one. @throws what kept an earlier one from being written. */
  async take(chunk: Uint8Array): Promise<void> {
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    if (this.#waitingBytes >= batchBytes) await this.#next()
  }

  async end(): Promise<void> {
    await this.#next()
    await this.#writing
  }

  /** Resolves once nothing is being written any more, whatever came of it. */
  async settle(): Promise<void> {
    await this.#writing.catch(() => undefined)
  }

  async #next(): Promise<void> {
    await this.#writing
    const batch = this.#waiting
    if (batch.length === 0) return
    this.#writing = writeBatch(this.#file, batch, this.#position)
    // Whoever takes or ends next is told; until then nobody may be listening.
    this.#writing.catch(() => undefined)
    this.#position += this.#waitingBytes
    this.#waiting = []
    this.#waitingBytes = 0
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
}
