import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { File, FileAccess } from '../../contracts/files.ts'
import type { BeginUploadInput } from '../../contracts/uploads.ts'
import type { Tx } from '../client.ts'
import { companies, companyLimits, companyStorage, files, fileVersions, plans, userCompanies } from '../schema/index.ts'
import { type FileRow, fileOf } from './files.ts'

/** What was found of an upload's bytes. */
export interface ReceivedContent {
  size: number
  type: string
  checksum: string
}

export interface BeginningUpload extends Pick<BeginUploadInput, 'studioId' | 'folderId' | 'filename' | 'fileSize'> {
  uploadId: string
  /** Undefined where the content alone decides. */
  meantType: string | undefined
  accessLevel: FileAccess
  tags: string[]
  checksum: string | undefined
  expiresAt: string
}

/**
 * Keeps a place for a new file and its first version; undefined when the caller may not add files to the studio, or the company
 * does not allow the type.
 */
export async function beginUpload(tx: Tx, upload: BeginningUpload) {
  const { studioId, folderId = null, filename, fileSize, meantType = null, accessLevel, checksum = null } = upload
  const { rows } = await tx.execute<FileRow & { number: number; settings: unknown }>(sql`
    select b.number, b.settings, (b.file).* from app.begin_upload(${upload.uploadId}, ${studioId}, ${folderId}, ${filename}, ${fileSize},
      ${meantType}, ${accessLevel}, ${sql.param(upload.tags, files.tags)}, ${checksum}, ${upload.expiresAt}) b`)
  const [row] = rows
  return row && { file: fileOf(row), version: row.number, allowedTypes: typesNamedIn(row.settings) }
}

/** A file whose upload has just ended, and how full its company's storage is. */
export interface CompletedUpload {
  /** Undefined where the caller may not read it any more. */
  file: File | undefined
  usedBytes: number
  maxBytes: number
}

/** Makes the caller's upload ready; undefined when it was given up meanwhile or is not the caller's. */
export async function completeUpload(
  tx: Tx,
  uploadId: string,
  { size, type, checksum }: ReceivedContent,
): Promise<CompletedUpload | undefined> {
  const { rows } = await tx.execute<(FileRow | { id: null }) & { used_bytes: string; max_bytes: string }>(sql`
    select c.used_bytes, c.max_bytes, (c.file).* from app.complete_upload(${uploadId}, ${size}, ${type}, ${checksum}) c`)
  const [row] = rows
  if (!row) return undefined
  return {
    file: row.id === null ? undefined : fileOf(row),
    usedBytes: Number(row.used_bytes),
    maxBytes: Number(row.max_bytes),
  }
}

/** The file whose version is ready now; undefined when the upload was given up meanwhile or is not the caller's. */
export async function finishUpload(tx: Tx, uploadId: string, found: ReceivedContent): Promise<string | undefined> {
  const finished = sql`select app.finish_upload(${uploadId}, ${found.size}, ${found.type}, ${found.checksum}) as id`
  const { rows } = await tx.execute<{ id: string | null }>(finished)
  return rows[0]?.id ?? undefined
}

/** The encoding that the sender of an upload's stored bytes named; undefined when there was none. */
export async function findStoredEncoding(tx: Tx, uploadId: string): Promise<string | undefined> {
  const { rows } = await tx.execute<{ encoding: string | null }>(
    sql`select app.stored_encoding(${uploadId}) as encoding`,
  )
  return rows[0]?.encoding ?? undefined
}

/** How an upload stands for whoever the claims name. */
export interface UploadStanding extends Record<string, unknown> {
  hasSession: boolean
  /** Begun, and neither finished nor given up. */
  isOpen: boolean
  /** Whether the person who began it may still add files there. */
  mayAdd: boolean
  /** What was moved to the trash, the file alone or with its folder. */
  trashed: 'file' | 'folder' | null
}

export async function findUploadStanding(tx: Tx, uploadId: string): Promise<UploadStanding> {
  const { rows } = await tx.execute<UploadStanding>(sql`
    select app.user_id() is not null as "hasSession", v.id is not null as "isOpen",
      coalesce(app.works_in(v.uploaded_by, v.company_id, f.studio_id, 'member'), false) as "mayAdd",
      case when f.deleted_with is not null then 'folder' when f.deleted_at is not null then 'file' end as trashed
    from (values (true)) one
    left join file_versions v on v.id = ${uploadId} and v.status = 'uploading' and v.uploaded_by = app.user_id()
    left join files f on f.company_id = v.company_id and f.id = v.file_id`)
  const [row] = rows
  if (!row) throw new Error('A question that has always one answer got none.')
  return row
}

/** False when there was no such upload, or it had been finished. */
export async function abandonUpload(tx: Tx, uploadId: string): Promise<boolean> {
  const { rows } = await tx.execute<{ gone: boolean }>(sql`select app.abandon_upload(${uploadId}) as gone`)
  return rows[0]?.gone ?? false
}

const filePolicy = z.object({ filePolicy: z.object({ allowedTypes: z.array(z.string()) }) })

/** The types that a company's settings name; undefined where they name none. */
export async function findAllowedTypes(tx: Tx, companyId: string): Promise<string[] | undefined> {
  const [row] = await tx.select({ settings: companies.settings }).from(companies).where(eq(companies.id, companyId))
  return typesNamedIn(row?.settings)
}

function typesNamedIn(settings: unknown): string[] | undefined {
  return filePolicy.safeParse(settings).data?.filePolicy.allowedTypes
}

/** Bytes that a company's files take, and how many they may take. */
export async function findStorageUse(tx: Tx, companyId: string) {
  const [row] = await tx
    .select({
      usedBytes: sql`coalesce(${companyStorage.usedBytes}, 0)`.mapWith(Number),
      maxBytes: sql`coalesce(${companyLimits.maxStorageBytes}, ${plans.maxStorageBytes})`.mapWith(Number),
    })
    .from(companies)
    .innerJoin(plans, eq(plans.name, companies.plan))
    .leftJoin(companyLimits, eq(companyLimits.companyId, companies.id))
    .leftJoin(companyStorage, eq(companyStorage.companyId, companies.id))
    .where(eq(companies.id, companyId))
  return row
}

/** A version by the upload that it is, finished or not, with the caller's role and the types that the company's settings name. */
export async function findUpload(tx: Tx, uploadId: string) {
  const isMine = and(eq(userCompanies.userId, sql`(select app.user_id())`), eq(userCompanies.status, 'approved'))
  const [row] = await tx
    .select({
      companyId: fileVersions.companyId,
      fileId: fileVersions.fileId,
      version: fileVersions.number,
      filename: files.filename,
      uploadedBy: fileVersions.uploadedBy,
      size: fileVersions.fileSize,
      type: fileVersions.mimeType,
      checksum: fileVersions.checksum,
      path: fileVersions.supabasePath,
      status: fileVersions.status,
      settings: companies.settings,
      role: userCompanies.role,
    })
    .from(fileVersions)
    .innerJoin(files, and(eq(files.companyId, fileVersions.companyId), eq(files.id, fileVersions.fileId)))
    .innerJoin(companies, eq(companies.id, fileVersions.companyId))
    .leftJoin(userCompanies, and(eq(userCompanies.companyId, fileVersions.companyId), isMine))
    .where(eq(fileVersions.id, uploadId))
  return row && { ...row, allowedTypes: typesNamedIn(row.settings) }
}

/**
 * Where the bytes of a version are, the current one without a number, and that somebody has read them, to the minute; undefined
 * when the caller may not read the file, or there are none.
 */
export async function openContent(tx: Tx, fileId: string, version: number | undefined) {
  const opened = sql`select filename, path from app.open_content(${fileId}, ${version ?? null})`
  const { rows } = await tx.execute<{ filename: string; path: string }>(opened)
  return rows[0]
}

/** Gives up some of the uploads whose time has run out, and tells how many; others than a second worker does at the same moment. */
export async function sweepUploads(tx: Tx, most: number): Promise<number> {
  const { rows } = await tx.execute<{ swept: number }>(sql`select app.sweep_uploads(${most}) as swept`)
  return rows[0]?.swept ?? 0
}
