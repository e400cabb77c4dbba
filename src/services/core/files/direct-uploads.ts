import { includesRole } from '../../../contracts/access.ts'
import type { BeginUploadInput, BeginVersionInput, DirectUpload, UploadedFile } from '../../../contracts/uploads.ts'
import type { Tx } from '../../../db/client.ts'
import { findStoredEncoding, findUpload, type ReceivedContent } from '../../../db/queries/uploads.ts'
import { DomainError, type ErrorCode, notFound } from '../../../errors.ts'
import type { ServiceContext } from '../../context.ts'
import { giveBack } from '../../giving-back.ts'
import { missing, requireRole } from '../access.ts'
import { measure, requireAsAnnounced } from './incoming.ts'
import { completedFile, uploadedFile } from './storage-use.ts'
import { allowedTypes, lookFor, meantType, settleType } from './type-rules.ts'
import { abandonUpload, finishUpload, takeBackUpload } from './upload-ends.ts'
import { type BegunUpload, beginUpload, beginVersion } from './uploads.ts'

type FoundUpload = NonNullable<Awaited<ReturnType<typeof findUpload>>>

/** Begins an upload whose bytes the client sends straight to the storage, and confirms afterwards. @throws {DomainError} as `beginUpload` does. */
export async function beginDirectUpload(ctx: ServiceContext, input: BeginUploadInput): Promise<DirectUpload> {
  return withAddress(ctx, await beginUpload(ctx, input))
}

/** The same for the next version of a file. */
export async function beginDirectVersion(ctx: ServiceContext, input: BeginVersionInput): Promise<DirectUpload> {
  return withAddress(ctx, await beginVersion(ctx, input))
}

/**
 * Looks at what came and makes it the file's content; a second time it tells of the same file. What is not as it was announced is
 * given up and removed.
 * @throws {DomainError} NOT_FOUND for an upload that the caller has not begun, PRECONDITION_FAILED before its bytes have come,
 * BAD_REQUEST or UNSUPPORTED_MEDIA_TYPE naming what was announced and what came.
 */
export async function confirmUpload(ctx: ServiceContext, uploadId: string): Promise<UploadedFile> {
  const upload = await ctx.read((tx) => ownUpload(tx, uploadId, ctx.caller.userId))
  const file = { id: upload.fileId, companyId: upload.companyId, uploadedVersion: upload.version }
  const completed = upload.status === 'ready' ? undefined : await settle(ctx, uploadId, upload)
  return completed ? completedFile(ctx, completed, file) : uploadedFile(ctx, file)
}

/** Gives up an upload that the caller has begun. @throws {DomainError} PRECONDITION_FAILED when it is finished. */
export async function giveUpUpload(ctx: ServiceContext, uploadId: string): Promise<{ uploadId: string }> {
  const { path } = await ctx.read((tx) => ownUpload(tx, uploadId, ctx.caller.userId))
  if (!(await discard(ctx, path, () => abandonUpload(ctx, uploadId))))
    throw new DomainError('PRECONDITION_FAILED', 'This upload is finished; move its file into the trash instead.')
  return { uploadId }
}

async function withAddress(ctx: ServiceContext, upload: BegunUpload): Promise<DirectUpload> {
  try {
    return { ...upload, uploadUrl: await ctx.objects.uploadLink(upload.path) }
  } catch (error) {
    await giveBack(() => takeBackUpload(ctx, upload.uploadId))
    throw error
  }
}

async function ownUpload(tx: Tx, uploadId: string, userId: string): Promise<FoundUpload> {
  const upload = (await findUpload(tx, uploadId)) ?? (await missing(tx, 'upload', uploadId))
  if (!upload.role || !includesRole(upload.role, 'member')) await requireRole(tx, upload.companyId, 'member')
  return upload.uploadedBy === userId ? upload : notFound('upload', uploadId)
}

// Undefined when somebody has confirmed the same upload meanwhile.
async function settle(ctx: ServiceContext, uploadId: string, upload: FoundUpload) {
  const found = await examine(ctx, uploadId, upload).catch(async (error: unknown) => {
    if (error instanceof DomainError && refusals.includes(error.code))
      await giveBack(() => discard(ctx, upload.path, () => takeBackUpload(ctx, uploadId)))
    throw error
  })
  return finishUpload(ctx, uploadId, found).catch(async (error: unknown) => {
    const now = await ctx.read((tx) => findUpload(tx, uploadId))
    if (now?.status !== 'ready') throw error
    return undefined
  })
}

/** Codes with which a content is refused for good; after any other it may be looked at again. */
const refusals: ErrorCode[] = ['BAD_REQUEST', 'UNSUPPORTED_MEDIA_TYPE', 'PAYLOAD_TOO_LARGE']

async function examine(ctx: ServiceContext, uploadId: string, upload: FoundUpload): Promise<ReceivedContent> {
  const { path, filename, size } = upload
  const checksum = upload.checksum ?? undefined
  const allowed = allowedTypes(upload.allowedTypes)
  const stored = await ctx.uploads.read(path).catch(notThere)
  try {
    if (stored.size !== undefined && stored.size !== size)
      requireAsAnnounced({ size: stored.size, checksum: '' }, { size, checksum: undefined })
    await requireNoEncoding(ctx, uploadId)
    const content = await measure(stored.bytes, { size, checksum })
    const type = await settleType(content.head, meantType(upload.type, filename), allowed)
    await requireHonestHeader(stored.type, filename, content.head)
    for await (const _ of content.open(lookFor(type, content.head)));
    return { ...content.found(), type }
  } catch (error) {
    stored.bytes.destroy()
    throw error instanceof DomainError ? error : interrupted(error)
  }
}

// The storage serves what the client's PUT said; what clients send when they say nothing is let pass.
async function requireHonestHeader(header: string, filename: string, head: Uint8Array): Promise<void> {
  const said = meantType(header, '') && meantType(header, filename)
  if (said !== undefined && said !== 'text/plain') await settleType(head, said, [said])
}

// The same holds for an encoding: whoever reads would have the bytes decoded, into others than those that are looked at here.
async function requireNoEncoding(ctx: ServiceContext, uploadId: string): Promise<void> {
  const encoding = await ctx.vouchedEnd((tx) => findStoredEncoding(tx, uploadId))
  if (encoding === undefined || /^(identity)?$/i.test(encoding.trim())) return
  const message = `The bytes came with “content-encoding: ${encoding}”, so others would not get what was checked; begin again and send them without it.`
  throw new DomainError('UNSUPPORTED_MEDIA_TYPE', message)
}

async function discard(ctx: ServiceContext, path: string, giveUp: () => Promise<boolean>): Promise<boolean> {
  const isGone = await giveUp()
  // What cannot be removed now, or comes later, the worker removes.
  if (isGone) await ctx.uploads.remove([path]).catch(() => undefined)
  return isGone
}

function notThere(error: unknown): never {
  if (!(error instanceof DomainError) || error.code !== 'NOT_FOUND') throw error
  const message = 'The bytes of this upload have not come; send them to its address with PUT, then confirm it.'
  throw new DomainError('PRECONDITION_FAILED', message, { cause: error })
}

function interrupted(cause: unknown): DomainError {
  const message = 'The file storage broke off before the whole file was read; confirm the upload again.'
  return new DomainError('UNAVAILABLE', message, { cause })
}
