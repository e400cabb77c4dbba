import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../client.ts'
import {
  companies,
  companyLimits,
  companyStorage,
  files,
  fileVersions,
  plans,
  studios,
  userCompanies,
} from '../schema/index.ts'

/** What was found of an upload's bytes. */
export interface ReceivedContent {
  size: number
  type: string
  checksum: string
}

/** The file whose version is ready now; undefined when the upload was given up meanwhile or is not the caller's. */
export async function finishUpload(tx: Tx, uploadId: string, found: ReceivedContent): Promise<string | undefined> {
  const finished = sql`select app.finish_upload(${uploadId}, ${found.size}, ${found.type}, ${found.checksum}) as id`
  const { rows } = await tx.execute<{ id: string | null }>(finished)
  return rows[0]?.id ?? undefined
}

/** False when there was no such upload, or it had been finished. */
export async function abandonUpload(tx: Tx, uploadId: string): Promise<boolean> {
  const { rows } = await tx.execute<{ gone: boolean }>(sql`select app.abandon_upload(${uploadId}) as gone`)
  return rows[0]?.gone ?? false
}

/** What somebody needs to know who adds a file to a studio; undefined when they may not enter it. */
export async function findUploadDesk(tx: Tx, studioId: string) {
  const isMine = and(eq(userCompanies.userId, sql`(select app.user_id())`), eq(userCompanies.status, 'approved'))
  const [row] = await tx
    .select({ companyId: studios.companyId, settings: companies.settings, role: userCompanies.role })
    .from(studios)
    .innerJoin(companies, eq(companies.id, studios.companyId))
    .leftJoin(userCompanies, and(eq(userCompanies.companyId, studios.companyId), isMine))
    .where(eq(studios.id, studioId))
  return row && { companyId: row.companyId, role: row.role ?? undefined, allowedTypes: typesNamedIn(row.settings) }
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

/** A version by the upload that it is, finished or not. */
export async function findUpload(tx: Tx, uploadId: string) {
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
    })
    .from(fileVersions)
    .innerJoin(files, and(eq(files.companyId, fileVersions.companyId), eq(files.id, fileVersions.fileId)))
    .where(eq(fileVersions.id, uploadId))
  return row
}

/** Where the bytes of a version are that is ready. */
export async function findContentPath(tx: Tx, fileId: string, version: number): Promise<string | undefined> {
  const isVersion = and(eq(fileVersions.fileId, fileId), eq(fileVersions.number, version))
  const [row] = await tx
    .select({ path: fileVersions.supabasePath })
    .from(fileVersions)
    .where(and(isVersion, eq(fileVersions.status, 'ready')))
  return row?.path
}

/** Keeps that somebody who may read the file has read it, to the minute. */
export async function recordAccess(tx: Tx, fileId: string): Promise<void> {
  await tx.execute(sql`select app.record_access(${fileId})`)
}

/** Gives up some of the uploads whose time has run out, and tells how many; others than a second worker does at the same moment. */
export async function sweepUploads(tx: Tx, most: number): Promise<number> {
  const { rows } = await tx.execute<{ swept: number }>(sql`select app.sweep_uploads(${most}) as swept`)
  return rows[0]?.swept ?? 0
}
