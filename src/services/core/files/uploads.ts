import { randomUUID } from 'node:crypto'
import type { File } from '../../../contracts/files.ts'
import type { BeginUploadInput, BeginVersionInput, Upload } from '../../../contracts/uploads.ts'
import type { Tx } from '../../../db/client.ts'
import { findFile, insertVersion, type NewUpload } from '../../../db/queries/files.ts'
import { findStudio } from '../../../db/queries/studios.ts'
import * as queries from '../../../db/queries/uploads.ts'
import { DomainError } from '../../../errors.ts'
import type { ServiceContext } from '../../context.ts'
import { missing, requireRole } from '../access.ts'
import { allowedTypes, isKnown, meantType, requireAllowed, unknownType } from './type-rules.ts'

const hourMs = 60 * 60 * 1000

/** An upload, where in the storage its bytes belong, and what they may be. */
export interface BegunUpload extends Upload {
  path: string
  /** The number that its bytes have as a version of the file. */
  version: number
  expiresAt: string
  /** Undefined where the content alone decides. */
  meantType: string | undefined
  allowedTypes: readonly string[]
}

/**
 * Keeps a place for a new file: its bytes count against the company's storage from now on, for two hours or until they are there.
 * @throws {DomainError} NOT_FOUND for a studio that the caller may not enter, FORBIDDEN for viewers, PRECONDITION_FAILED in an
 * archived studio, QUOTA_EXCEEDED when the company's storage has no room.
 */
export async function beginUpload(ctx: ServiceContext, input: BeginUploadInput): Promise<BegunUpload> {
  const meant = meantType(input.mimeType, input.filename)
  const { id: uploadId, expiresAt } = newUpload()
  const upload = { ...input, uploadId, meantType: meant, checksum: input.checksum, expiresAt }
  const begun = isKnown(meant) ? await ctx.write((tx) => queries.beginUpload(tx, upload)) : undefined
  if (!begun) return ctx.read((tx) => refuseUpload(tx, input.studioId, meant))
  const { file, version, allowedTypes: named } = begun
  const path = pathOf(file.companyId, uploadId)
  return { uploadId, path, version, expiresAt, file, meantType: meant, allowedTypes: allowedTypes(named) }
}

// The database has not taken the upload, or was not asked for a type that nobody may upload.
async function refuseUpload(tx: Tx, studioId: string, meant: string | undefined): Promise<never> {
  const { companyId } = (await findStudio(tx, studioId)) ?? (await missing(tx, 'studio', studioId))
  await requireRole(tx, companyId, 'member')
  if (meant !== undefined) requireAllowed(meant, allowedTypes(await queries.findAllowedTypes(tx, companyId)))
  const message = 'What you may upload there was changed while the upload began; send the same request again.'
  throw new DomainError('CONFLICT', message)
}

/**
 * The same for the next version of a file; until it is ready the file stays as it is. Its number is given now and to no other
 * version ever; of versions that become ready the one begun last is current, in whatever order they come.
 */
export async function beginVersion(ctx: ServiceContext, input: BeginVersionInput): Promise<BegunUpload> {
  return ctx.transaction(async (tx) => {
    const file = await readableFile(tx, input.fileId)
    await requireRole(tx, file.companyId, 'member')
    requireLiving(file)
    const named = await queries.findAllowedTypes(tx, file.companyId)
    const types = typesOf(named, { declared: input.mimeType, filename: file.filename })
    const place = placeFor(file.companyId, ctx.caller.userId)
    const version = await insertVersion(tx, { ...input, mimeType: types.meantType ?? unknownType }, place)
    return { ...begunAt(place), version, file, ...types }
  })
}

export async function readableFile(tx: Tx, fileId: string) {
  return (await findFile(tx, fileId)) ?? missing(tx, 'file', fileId)
}

/** @throws {DomainError} PRECONDITION_FAILED for a file without content to read or to follow on: in the trash, or not there yet. */
export function requireLiving({ deletedAt, status }: File): void {
  if (deletedAt) throw new DomainError('PRECONDITION_FAILED', 'The file is in the trash; restore it first.')
  if (status !== 'ready')
    throw new DomainError('PRECONDITION_FAILED', 'The file is still being uploaded; wait until it is ready.')
}

function typesOf(named: readonly string[] | undefined, { declared, filename }: { declared: string; filename: string }) {
  const types = allowedTypes(named)
  const meant = meantType(declared, filename)
  if (meant !== undefined) requireAllowed(meant, types)
  return { meantType: meant, allowedTypes: types }
}

const begunAt = ({ id, supabasePath, expiresAt }: NewUpload) => ({ uploadId: id, path: supabasePath, expiresAt })

/** Where the bytes of a new upload belong, and until when they are waited for. */
export function placeFor(companyId: string, uploadedBy: string): NewUpload {
  const upload = newUpload()
  return { ...upload, companyId, uploadedBy, supabasePath: pathOf(companyId, upload.id) }
}

const newUpload = () => ({ id: randomUUID(), expiresAt: new Date(Date.now() + 2 * hourMs).toISOString() })
const pathOf = (companyId: string, uploadId: string) => `${companyId}/${uploadId}`
