import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import type { UpdateFileInput } from '../../contracts/file-changes.ts'
import type { FileDetails } from '../../contracts/files.ts'
import type { Tx } from '../client.ts'
import { files } from '../schema/index.ts'
import { fileDetailColumns } from './files.ts'

type FileChange = Omit<UpdateFileInput, 'fileId'> & { studioId?: string; folderId?: string | null }

/** Changes a file that is not in the trash; undefined when it went there meanwhile. */
export async function updateFile(tx: Tx, fileId: string, change: FileChange): Promise<FileDetails | undefined> {
  const rows = await tx
    .update(files)
    .set(change)
    .where(and(eq(files.id, fileId), isNull(files.deletedAt)))
    .returning(fileDetailColumns)
  return rows[0]
}

/** Puts a file into the trash, or takes it out; undefined when it was there already. */
export async function updateFileTrash(tx: Tx, fileId: string, isTrashed: boolean): Promise<FileDetails | undefined> {
  const rows = await tx
    .update(files)
    .set({ deletedAt: isTrashed ? sql`now()` : null })
    .where(and(eq(files.id, fileId), isTrashed ? isNull(files.deletedAt) : isNotNull(files.deletedAt)))
    .returning(fileDetailColumns)
  return rows[0]
}

/** Deletes a file from the trash for good, with its versions; false when the caller may not or it is not there any more. */
export async function deleteFile(tx: Tx, fileId: string): Promise<boolean> {
  const { rows } = await tx.execute<{ gone: boolean }>(sql`select app.delete_file(${fileId}) as gone`)
  return rows[0]?.gone ?? false
}

/** Deletes at most so many files from the trash for good; gives their number. */
export async function emptyTrash(
  tx: Tx,
  companyId: string,
  studioId: string | undefined,
  most: number,
): Promise<number> {
  const emptying = sql`select app.empty_trash(${companyId}, ${studioId ?? null}::uuid, ${most}) as deleted`
  const { rows } = await tx.execute<{ deleted: number }>(emptying)
  return rows[0]?.deleted ?? 0
}

/** The worker's: deletes at most so many files whose days in the trash are over; gives their number. */
export async function purgeTrash(tx: Tx, most: number): Promise<number> {
  const { rows } = await tx.execute<{ deleted: number }>(sql`select app.purge_trash(${most}) as deleted`)
  return rows[0]?.deleted ?? 0
}
