import { largestFileBytes } from '../../../contracts/file-types.ts'
import type { SharedFile, SharedFolder } from '../../../contracts/sharing.ts'
import { lookAtShare, type OpenLink, settleShare, takeShare, tryShare } from '../../../db/queries/shared.ts'
import type { RequestDetails } from '../../../db/scope.ts'
import { DomainError } from '../../../errors.ts'
import type { ServiceContext } from '../../context.ts'
import type { Content, ObjectStore } from '../../objects.ts'
import { inTurn, isPassword } from './link-passwords.ts'

/** What opening a link works with: there is no caller, only a token. */
export interface VisitorContext extends Pick<ServiceContext, 'transaction'> {
  request: RequestDetails
  /** The bytes of files, with the service's own rights. */
  objects: ObjectStore
}

export interface Visit {
  tokenHash: string
  password: string | undefined
}

/** A file's bytes on their way to somebody who has a link. */
export interface Download extends Content {
  filename: string
  checksum: string
  bytes: Awaited<ReturnType<ObjectStore['read']>>['bytes']
}

/** A refusal that ends by itself. */
export class LinkRests extends DomainError {
  readonly waitSeconds: number

  constructor(waitSeconds: number) {
    const message = `A wrong password was given ten times in a row, so this link rests for ${Math.ceil(waitSeconds / 60)} minutes; try again then, or ask whoever sent it to you for the password.`
    super('TOO_MANY_REQUESTS', message)
    this.waitSeconds = waitSeconds
  }
}

/**
 * What a link leads to, before any password: the file's name, size and type and nothing else. Recorded as opened.
 * @throws {DomainError} NOT_FOUND in the one sentence that every link gets which opens nothing, for whatever reason.
 */
export async function showLink(ctx: VisitorContext, tokenHash: string): Promise<SharedFile | SharedFolder> {
  const link = await ctx.transaction((tx) => lookAtShare(tx, tokenHash, ctx.request))
  return shown(link ?? opensNothing())
}

/** The same without a record of it, for asking for the password again; undefined when there is nothing to open. */
export async function lookAgain(
  ctx: VisitorContext,
  tokenHash: string,
): Promise<SharedFile | SharedFolder | undefined> {
  const link = await ctx.transaction((tx) => lookAtShare(tx, tokenHash))
  return link && shown(link)
}

/**
 * Opens a file for one download, which counts from the moment that its bytes are there to be sent.
 * @throws {DomainError} NOT_FOUND as above, UNAUTHORIZED without the right password, TOO_MANY_REQUESTS while the link rests.
 */
export async function openDownload(ctx: VisitorContext, visit: Visit): Promise<Download> {
  const { file } = await enter(ctx, visit)
  if (!file) return opensNothing()
  const { bytes, size } = await ctx.objects.read(file.path)
  try {
    if (!(await ctx.transaction((tx) => takeShare(tx, visit.tokenHash, ctx.request)))) opensNothing()
  } catch (error) {
    bytes.destroy()
    throw error
  }
  return { bytes, type: file.mimeType, size, filename: file.filename, checksum: file.checksum }
}

/** Lets somebody in who has the link's password, if it has one. */
export async function enter(ctx: VisitorContext, visit: Visit): Promise<OpenLink> {
  const { tokenHash, password } = visit
  const link = await ctx.transaction((tx) => lookAtShare(tx, tokenHash))
  if (link && !link.needsPassword) return link
  if (!password) return link ? passwordNeeded() : opensNothing()
  await inTurn(
    async () => void (link ? await tryPassword(ctx, { tokenHash, password }) : await isPassword(password, undefined)),
  )
  return link ?? opensNothing()
}

async function tryPassword(ctx: VisitorContext, { tokenHash, password }: { tokenHash: string; password: string }) {
  const { hash, waitSeconds } = await ctx.transaction((tx) => tryShare(tx, tokenHash))
  if (waitSeconds !== null) throw new LinkRests(waitSeconds)
  const isRight = await isPassword(password, hash ?? undefined)
  await ctx.transaction((tx) => settleShare(tx, tokenHash, isRight, ctx.request))
  if (isRight) return
  throw new DomainError(
    'UNAUTHORIZED',
    'This is not the password of the link; check it, or ask whoever sent you the link.',
  )
}

function shown({ label, file, expiresAt, needsPassword }: OpenLink): SharedFile | SharedFolder {
  if (!file) return { label, largestFileSize: largestFileBytes, expiresAt, needsPassword }
  const { filename, fileSize, mimeType } = file
  return { filename, fileSize, mimeType, expiresAt, needsPassword }
}

function passwordNeeded(): never {
  throw new DomainError('UNAUTHORIZED', 'This link needs a password; whoever sent you the link has it.')
}

/** @throws {DomainError} NOT_FOUND: nothing tells a link that never was from one that has ended. */
export function opensNothing(): never {
  throw new DomainError(
    'NOT_FOUND',
    'This link opens nothing: it may be incomplete, have expired, been used up or been taken back. Ask whoever sent it to you for a new one.',
  )
}
