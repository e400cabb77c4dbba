import { createHash, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, type FileHandle, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BatchWriter, writeAt } from './batch-writer.ts'
import { ensureFolder, syncFile, syncFolder } from './durable.ts'
import { tooLarge } from './errors.ts'

/** Bytes that are on the disk for good. */
export interface StoredBytes {
  version: string
  size: number
  /** Undefined where they are more than one part, or came in parts. */
  md5: string | undefined
}

/** What Supabase sends S3 at once; of more, and of what comes in parts, the entity tag is no digest of the bytes. */
export const partBytes = 5 * 1024 * 1024

/** The bytes of an upload that comes in parts. */
export interface PartialBytes {
  append(chunk: Uint8Array): Promise<void>
  /** After it what was appended survives a crash. */
  sync(): Promise<void>
  close(): Promise<void>
}

/**
 * Objects as files, each named after its version, which is a uuid that no caller chooses. A file appears under that
 * name whole and synced, or not at all; it never changes afterwards.
 */
export class ByteStore {
  readonly #incoming: string
  readonly #partial: string
  readonly #objects: string

  constructor(folder: string) {
    this.#incoming = join(folder, 'incoming')
    this.#partial = join(folder, 'partial')
    this.#objects = join(folder, 'objects')
  }

  /** Takes in at most `limit` bytes; throws when there are more, and keeps nothing of what it could not take in whole. */
  receive(chunks: AsyncIterable<Uint8Array>, limit: number): Promise<StoredBytes> {
    return this.#bringIn((file) => writeAll(file, chunks, limit))
  }

  copy(version: string): Promise<string> {
    const source = this.#pathOf(version)
    return this.#bringIn(async (file) => {
      await copyFile(source, file, constants.COPYFILE_FICLONE)
      await syncFile(file)
      return {}
    }).then((copied) => copied.version)
  }

  open(version: string): Promise<FileHandle> {
    return open(this.#pathOf(version))
  }

  async remove(version: string): Promise<void> {
    await rm(this.#pathOf(version), { force: true })
  }

  /** Opens what there is of an upload after its first `received` bytes, or makes it when there is none yet. */
  async openPartial(uploadId: string, received: number): Promise<PartialBytes> {
    await ensureFolder(this.#partial)
    const file = await open(join(this.#partial, uploadId), received === 0 ? 'w' : 'r+', 0o600)
    if (received === 0) await syncFolder(this.#partial)
    let position = received
    return {
      append: async (chunk) => {
        await writeAt(file, chunk, position)
        position += chunk.length
      },
      sync: () => file.sync(),
      close: () => file.close(),
    }
  }

  /** Makes an object of a complete upload; its version is the upload's id. */
  promotePartial(uploadId: string): Promise<void> {
    return this.#moveIntoPlace(join(this.#partial, uploadId), uploadId)
  }

  /** Undoes `promotePartial`; false when there is nothing to undo. */
  async demoteToPartial(uploadId: string): Promise<boolean> {
    await ensureFolder(this.#partial)
    try {
      await rename(this.#pathOf(uploadId), join(this.#partial, uploadId))
      return true
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
      throw error
    }
  }

  async removePartial(uploadId: string): Promise<void> {
    await rm(join(this.#partial, uploadId), { force: true })
  }

  /** Removes what uploads left that ended with the process. */
  async sweepIncoming(): Promise<void> {
    await rm(this.#incoming, { recursive: true, force: true })
  }

  listPartial(): Promise<string[]> {
    return namesIn(this.#partial)
  }

  /** Removes the bytes of versions that are not among the known ones; asks for a folder's worth at a time. */
  async sweepObjects(listKnown: (versions: string[]) => Promise<Set<string>>): Promise<void> {
    for (const folder of await namesIn(this.#objects)) {
      const versions = await namesIn(join(this.#objects, folder))
      const known = await listKnown(versions)
      const unknown = versions.filter((version) => !known.has(version))
      for (const version of unknown) await rm(join(this.#objects, folder, version), { recursive: true, force: true })
    }
  }

  async #bringIn<T extends object>(fill: (file: string) => Promise<T>): Promise<T & { version: string }> {
    const version = randomUUID()
    const file = join(this.#incoming, version)
    await ensureFolder(this.#incoming)
    try {
      const filled = await fill(file)
      await this.#moveIntoPlace(file, version)
      return Object.assign({ version }, filled)
    } catch (error) {
      await rm(file, { force: true })
      throw error
    }
  }

  async #moveIntoPlace(file: string, version: string): Promise<void> {
    const folder = join(this.#objects, version.slice(0, 2))
    await ensureFolder(folder)
    await rename(file, this.#pathOf(version))
    await syncFolder(folder)
  }

  #pathOf(version: string): string {
    return join(this.#objects, version.slice(0, 2), version)
  }
}

async function writeAll(file: string, chunks: AsyncIterable<Uint8Array>, limit: number) {
  const hash = createHash('md5')
  const handle = await open(file, 'wx', 0o600)
  const writer = new BatchWriter(handle)
  try {
    let size = 0
    for await (const chunk of chunks) {
      size += chunk.length
      if (size > limit) throw tooLarge()
      if (size <= partBytes) hash.update(chunk)
      await writer.take(chunk)
    }
    await writer.end()
    await handle.sync()
    return { size, md5: size <= partBytes ? hash.digest('hex') : undefined }
  } finally {
    await writer.settle()
    await handle.close()
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}
