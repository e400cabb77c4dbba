import { randomUUID } from 'node:crypto'
import type { BeginUploadInput, BeginVersionInput, Upload } from '../../../contracts/uploads.ts'
import type { Tx } from '../../../db/client.ts'
import { findFile, insertFile, insertVersion, type NewUpload } from '../../../db/queries/files.ts'
import { findStudio } from '../../../db/queries/studios.ts'
import * as queries from '../../../db/queries/uploads.ts'
import { DomainError } from '../../../errors.ts'
import type { ServiceContext } from '../../context.ts'
import { missing, requireRole } from '../access.ts'

const hourMs = 60 * 60 * 1000

/** An upload, and where in the storage its bytes belong. */
export interface BegunUpload extends Upload {
  path: string
}

/**
 * Keeps a place for a new file: its bytes count against the company's storage from now on, for two hours or until they are there.
 * @throws {DomainError} NOT_FOUND for a studio that the caller may not enter, FORBIDDEN for viewers, PRECONDITION_FAILED in an
 * archived studio, QUOTA_EXCEEDED when the company's storage has no room.
 */
export async function beginUpload(ctx: ServiceContext, input: BeginUploadInput): Promise<BegunUpload> {
  return ctx.transaction(async (tx) => {
    const studio = (await findStudio(tx, input.studioId)) ?? (await missing(tx, 'studio', input.studioId))
    await requireRole(tx, studio.companyId, 'member')
    const place = placeFor(studio.companyId, ctx.caller.userId)
    const file = await insertFile(tx, input, place)
    await insertVersion(tx, { ...input, fileId: file.id }, place)
    return { uploadId: place.id, path: place.supabasePath, file }
  })
}

/** The same for the next version of a file; until it is ready the file stays as it is. */
export async function beginVersion(ctx: ServiceContext, input: BeginVersionInput): Promise<BegunUpload> {
  return ctx.transaction(async (tx) => {
    const file = await readableFile(tx, input.fileId)
    await requireRole(tx, file.companyId, 'member')
    const place = placeFor(file.companyId, ctx.caller.userId)
    await insertVersion(tx, input, place)
    return { uploadId: place.id, path: place.supabasePath, file }
  })
}

/** Makes an upload's bytes the file's content. @throws {DomainError} PRECONDITION_FAILED when it was given up or has run out. */
export async function finishUpload(ctx: ServiceContext, uploadId: string, found: queries.ReceivedContent) {
  const fileId = await ctx.vouched((tx) => queries.finishUpload(tx, uploadId, found))
  if (!fileId)
    throw new DomainError('PRECONDITION_FAILED', 'This upload was given up or has run out of time; begin again.')
  return ctx.read((tx) => readableFile(tx, fileId))
}

/** Gives up an upload that is not finished; the company's storage gets its bytes back at once. */
export function abandonUpload(ctx: ServiceContext, uploadId: string): Promise<boolean> {
  return ctx.vouched((tx) => queries.abandonUpload(tx, uploadId))
}

export async function readableFile(tx: Tx, fileId: string) {
  return (await findFile(tx, fileId)) ?? missing(tx, 'file', fileId)
}

function placeFor(companyId: string, uploadedBy: string): NewUpload {
  const id = randomUUID()
  const expiresAt = new Date(Date.now() + 2 * hourMs).toISOString()
  return { id, companyId, uploadedBy, supabasePath: `${companyId}/${id}`, expiresAt }
}
