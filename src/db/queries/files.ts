import { randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import type { File, FileAccess, FileDetails, FileStatus } from '../../contracts/files.ts'
import type { BeginUploadInput, BeginVersionInput } from '../../contracts/uploads.ts'
import type { Tx } from '../client.ts'
import { files } from '../schema/index.ts'

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
  /** The link through which it comes; requests may not name one. */
  shareId?: string
}

/** A row of `files` as the driver reads it where a function of the database gives it. */
export type FileRow = {
  id: string
  company_id: string
  studio_id: string
  folder_id: string | null
  uploaded_by: string
  filename: string
  file_size: number
  mime_type: string
  checksum: string | null
  status: FileStatus
  version: number
  access_level: FileAccess
  tags: string[]
  upload_timestamp: string
  last_accessed: string | null
  deleted_at: string | null
  updated_at: string
}

export function fileOf(row: FileRow): File {
  return {
    id: row.id,
    companyId: row.company_id,
    studioId: row.studio_id,
    folderId: row.folder_id,
    uploadedBy: row.uploaded_by,
    filename: row.filename,
    fileSize: row.file_size,
    mimeType: row.mime_type,
    checksum: row.checksum,
    status: row.status,
    version: row.version,
    accessLevel: row.access_level,
    tags: row.tags,
    uploadedAt: instantOf(row.upload_timestamp),
    lastAccessedAt: row.last_accessed && instantOf(row.last_accessed),
    deletedAt: row.deleted_at && instantOf(row.deleted_at),
    updatedAt: instantOf(row.updated_at),
  }
}

function instantOf(text: string): string {
  return new Date(text).toISOString()
}

/** The file of an upload; its first version is another statement of the same transaction. */
export async function insertFile(tx: Tx, input: BeginUploadInput, upload: NewUpload): Promise<File> {
  const { studioId, folderId = null, filename, fileSize, mimeType, accessLevel, tags } = input
  const { companyId, uploadedBy, supabasePath } = upload
  const id = randomUUID()
  // Drizzle's insert names every column of a table, also those that callers may not set.
  await tx.execute(sql`
    insert into files (id, company_id, uploaded_by, supabase_path, studio_id, folder_id, filename, file_size, mime_type, access_level, tags)
    values (${id}, ${companyId}, ${uploadedBy}, ${supabasePath}, ${studioId}, ${folderId}, ${filename}, ${fileSize}, ${mimeType},
      ${accessLevel}, ${sql.param(tags, files.tags)})`)
  const file = await findFile(tx, id)
  if (!file) throw new Error('an inserted file was not found')
  return file
}

type Announced = Pick<BeginVersionInput, 'fileId' | 'fileSize' | 'mimeType' | 'checksum'>

/** The next version of a file, its first one included; its bytes are taken from the company's storage. Gives its number. */
export async function insertVersion(
  tx: Tx,
  { fileId, fileSize, mimeType, checksum }: Announced,
  upload: NewUpload,
): Promise<number> {
  const { id, companyId, uploadedBy, supabasePath, expiresAt, shareId } = upload
  const [column, share] = shareId === undefined ? [sql``, sql``] : [sql`, share_id`, sql`, ${shareId}`]
  const { rows } = await tx.execute<{ number: number }>(sql`
    insert into file_versions (id, company_id, file_id, uploaded_by, file_size, mime_type, supabase_path, checksum, expires_at${column})
    values (${id}, ${companyId}, ${fileId}, ${uploadedBy}, ${fileSize}, ${mimeType}, ${supabasePath}, ${checksum ?? null}, ${expiresAt}
      ${share})
    returning number`)
  if (!rows[0]) throw new Error('an inserted version has no number')
  return rows[0].number
}
