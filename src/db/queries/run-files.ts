import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Tx } from '../client.ts'
import { executionFiles, files } from '../schema/index.ts'

/** A file as a run is given it. */
export interface RunFile {
  id: string
  filename: string
  fileSize: number
  mimeType: string
  version: number
}

/** Who is to read: the person of the transaction, or under the worker's login somebody named. */
export interface Reader {
  companyId: string
  userId?: string
}

/** Those of the files that a run of the company may be given by this person: there, ready and theirs to read. */
export function listReadable(tx: Tx, { companyId, userId }: Reader, fileIds: string[]): Promise<RunFile[]> {
  return tx
    .select({
      id: files.id,
      filename: files.filename,
      fileSize: files.fileSize,
      mimeType: files.mimeType,
      version: files.version,
    })
    .from(files)
    .where(
      and(
        eq(files.companyId, companyId),
        inArray(files.id, fileIds),
        eq(files.status, 'ready'),
        isNull(files.deletedAt),
        userId === undefined ? undefined : sql`app.may_read_file(${userId}, ${files.id})`,
      ),
    )
}

export interface GivenFile extends Pick<RunFile, 'id' | 'version'> {
  property: string
  tokenHash: string
}

/** Writes down which files an attempt is given; the links of an attempt before it are closed with that. */
export async function upsertGivenFiles(
  tx: Tx,
  { companyId, id: executionId }: { companyId: string; id: string },
  given: GivenFile[],
): Promise<void> {
  const rows = given.map(({ id: fileId, property, ...file }) => ({
    companyId,
    executionId,
    fileId,
    usageType: 'input' as const,
    property: property.slice(0, 100),
    ...file,
  }))
  await tx
    .insert(executionFiles)
    .values(rows)
    .onConflictDoUpdate({
      target: [executionFiles.companyId, executionFiles.executionId, executionFiles.fileId, executionFiles.usageType],
      set: { version: sql`excluded.version`, tokenHash: sql`excluded.token_hash` },
    })
}

/** What a link of a run opens; without bytes once it is closed. */
export type OpenedFile =
  | { isOpen: true; filename: string; path: string; size: number; type: string; checksum: string }
  | { isOpen: false }

/** Records a read of a file by a run's flow and says where its bytes are; undefined for a link that is none. */
export async function readRunFile(
  tx: Tx,
  link: { executionId: string; fileId: string; tokenHash: string },
): Promise<OpenedFile | undefined> {
  const { executionId, fileId, tokenHash } = link
  const { rows } = await tx.execute<{ is_open: boolean; [column: string]: unknown }>(
    sql`select is_open, filename, path, size, type, checksum
      from app.read_run_file(${executionId}::uuid, ${fileId}::uuid, ${tokenHash})`,
  )
  const [row] = rows
  if (!row?.is_open) return row && { isOpen: false }
  const { filename, path, size, type, checksum } = row
  return {
    isOpen: true,
    filename: String(filename),
    path: String(path),
    size: Number(size),
    type: String(type),
    checksum: String(checksum),
  }
}
