import { and, desc, eq, lt, sql } from 'drizzle-orm'
import type { FileVersion, FileVersionInput } from '../../contracts/file-versions.ts'
import type { Tx } from '../client.ts'
import { files, fileVersions } from '../schema/index.ts'

const versionColumns = {
  fileId: fileVersions.fileId,
  version: fileVersions.number,
  isCurrent: sql<boolean>`${fileVersions.number} = ${files.version}`,
  uploadedBy: fileVersions.uploadedBy,
  fileSize: fileVersions.fileSize,
  mimeType: fileVersions.mimeType,
  checksum: fileVersions.checksum,
  createdAt: fileVersions.createdAt,
}

const ofFile = and(eq(files.companyId, fileVersions.companyId), eq(files.id, fileVersions.fileId))
const isReady = eq(fileVersions.status, 'ready')

/** A page of a file's versions, newest first, and one more. */
export function listVersions(
  tx: Tx,
  fileId: string,
  before: number | undefined,
  limit: number,
): Promise<FileVersion[]> {
  const isBehind = before === undefined ? undefined : lt(fileVersions.number, before)
  return tx
    .select(versionColumns)
    .from(fileVersions)
    .innerJoin(files, ofFile)
    .where(and(eq(files.id, fileId), isReady, isBehind))
    .orderBy(desc(fileVersions.number))
    .limit(limit + 1)
}

export async function findVersion(tx: Tx, { fileId, version }: FileVersionInput): Promise<FileVersion | undefined> {
  const rows = await tx
    .select(versionColumns)
    .from(fileVersions)
    .innerJoin(files, ofFile)
    .where(and(eq(files.id, fileId), isReady, eq(fileVersions.number, version)))
  return rows[0]
}

/** Makes an older version the current one; false when it is so already, or the caller may not. */
export async function restoreVersion(tx: Tx, { fileId, version }: FileVersionInput): Promise<boolean> {
  const restoring = sql`select app.restore_version(${fileId}, ${version}) as restored`
  const { rows } = await tx.execute<{ restored: boolean }>(restoring)
  return rows[0]?.restored ?? false
}

/** Deletes a version for good; false when it is the current one or gone, or the caller may not. */
export async function deleteVersion(tx: Tx, { fileId, version }: FileVersionInput): Promise<boolean> {
  const { rows } = await tx.execute<{ gone: boolean }>(sql`select app.delete_version(${fileId}, ${version}) as gone`)
  return rows[0]?.gone ?? false
}
