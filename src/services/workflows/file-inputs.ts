import type { Tx } from '../../db/client.ts'
import { listReadable, type Reader, type RunFile } from '../../db/queries/run-files.ts'
import { badInput } from '../../errors.ts'
import type { FileInput } from './file-places.ts'

/**
 * The files that an input names, as whoever is to start the run may read them at this moment.
 * @throws {DomainError} BAD_REQUEST naming each property whose file is not there, not ready, or not theirs to read.
 */
export async function requireFiles(tx: Tx, reader: Reader, files: FileInput[]): Promise<RunFile[]> {
  const readable = await findFiles(tx, reader, files)
  const lost = unreadable(files, readable)
  if (lost.length > 0)
    badInput(
      lost.map(({ property }) => ({
        path: `input.${property}`,
        message: 'names a file that is not there or that you may not read; choose another file',
      })),
    )
  return readable
}

export async function findFiles(tx: Tx, reader: Reader, files: FileInput[]): Promise<RunFile[]> {
  if (files.length === 0) return []
  return listReadable(tx, reader, [...new Set(files.map(({ fileId }) => fileId))])
}

export function unreadable(files: FileInput[], readable: RunFile[]): FileInput[] {
  const ids = new Set(readable.map(({ id }) => id))
  return files.filter(({ fileId }) => !ids.has(fileId))
}

/** What a run keeps of the files that it is given. */
export function inputUses(files: FileInput[]): { file_id: string; usage_type: 'input' }[] {
  return [...new Set(files.map(({ fileId }) => fileId))].map((file_id) => ({ file_id, usage_type: 'input' }))
}
