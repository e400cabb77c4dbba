import { eq, sql } from 'drizzle-orm'
import type { File, FileDetails } from '../../contracts/files.ts'
import type { BeginUploadInput, BeginVersionInput } from '../../contracts/uploads.ts'
import type { Tx } from '../client.ts'
import { files, fileVersions } from '../schema/index.ts'

export const fileColumns = {
  id: files.id,
  companyId: files.companyId,
  studioId: files.studioId,
  folderId: files.folderId,
  uploadedBy: files.uploadedBy,
  filename: files.filename,
  fileSize: files.fileSize,
  mimeType: files.mimeType,
  checksum: files.checksum,
  status: files.status,
  version: files.version,
  accessLevel: files.accessLevel,
  tags: files.tags,
  uploadedAt: files.uploadTimestamp,
  lastAccessedAt: files.lastAccessed,
  deletedAt: files.deletedAt,
  updatedAt: files.updatedAt,
}

export const fileDetailColumns = { ...fileColumns, metadata: files.metadata }

export async function findFile(tx: Tx, fileId: string): Promise<FileDetails | undefined> {
  const rows = await tx.select(fileDetailColumns).from(files).where(eq(files.id, fileId))
  return rows[0]
}

export interface NewUpload {
  id: string
  companyId: string
  uploadedBy: string
  supabasePath: string
  expiresAt: string
}

/** The file of an upload; its first version is another statement of the same transaction. */
export async function insertFile(tx: Tx, input: BeginUploadInput, upload: NewUpload): Promise<File> {
  const { studioId, folderId, filename, fileSize, mimeType, accessLevel, tags } = input
  const { companyId, uploadedBy, supabasePath } = upload
  const [row] = await tx
    .insert(files)
    .values({
      companyId,
      uploadedBy,
      supabasePath,
      studioId,
      folderId,
      filename,
      fileSize,
      mimeType,
      accessLevel,
      tags,
    })
    .returning(fileColumns)
  if (!row) throw new Error('an inserted file was not returned')
  return row
}

type Announced = Pick<BeginVersionInput, 'fileId' | 'fileSize' | 'mimeType' | 'checksum'>

/** The next version of a file, its first one included; its bytes are taken from the company's storage. */
export async function insertVersion(tx: Tx, { fileId, fileSize, mimeType, checksum }: Announced, upload: NewUpload) {
  const taken = tx
    .select({ number: sql`coalesce(max(${fileVersions.number}), 0) + 1` })
    .from(fileVersions)
    .where(eq(fileVersions.fileId, fileId))
  const { id, companyId, uploadedBy, supabasePath, expiresAt } = upload
  await tx.insert(fileVersions).values({
    id,
    companyId,
    uploadedBy,
    supabasePath,
    expiresAt,
    fileId,
    fileSize,
    mimeType,
    checksum,
    number: sql`(${taken})`,
  })
}
