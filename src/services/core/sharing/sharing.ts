import {
  type CreatedShare,
  type CreateShareInput,
  expiryOf,
  type ListSharesInput,
  type RevokeAllInput,
  type Share,
} from '../../../contracts/sharing.ts'
import type { Tx } from '../../../db/client.ts'
import { readCursor, toPage } from '../../../db/paging.ts'
import { findFile } from '../../../db/queries/files.ts'
import * as queries from '../../../db/queries/sharing.ts'
import { badInput, DomainError, notFound } from '../../../errors.ts'
import type { ServiceContext } from '../../context.ts'
import { hashOfToken, newToken } from '../../tokens.ts'
import { missing, requireRole } from '../access.ts'
import { hashPassword } from './link-passwords.ts'

/**
 * Makes a link that opens one file, or lets people put files into one folder, without an account. Its address is given out
 * this once. It opens with the maker's rights: once they may no longer read the file, it opens nothing.
 * @throws {DomainError} NOT_FOUND for what the caller may not read, FORBIDDEN for viewers, PRECONDITION_FAILED for a file that is
 * in the trash or still uploaded, BAD_REQUEST for an end that has passed or is more than 90 days away.
 */
export async function createShare(ctx: ServiceContext, input: CreateShareInput): Promise<CreatedShare> {
  const expiresAt = expiryOf(input, Date.now())
  if (!expiresAt) return badInput([{ path: 'expiresAt', message: 'must lie in the next 90 days' }])
  const target = { fileId: input.fileId, folderId: input.folderId }
  const companyId = await ctx.transaction((tx) => requireShareable(tx, target))
  const passwordHash = input.password === undefined ? undefined : await hashPassword(input.password)
  const token = newToken()
  const kept = { ...target, label: input.label, maxUses: input.maxUses, expiresAt, passwordHash }
  const made = { ...kept, companyId, tokenHash: hashOfToken(token), createdBy: ctx.caller.userId }
  const share = await ctx.transaction(async (tx) => {
    await requireShareable(tx, target)
    return queries.insertShare(tx, made)
  })
  if (!share) throw new Error('an inserted link was not returned')
  return { url: `${ctx.publicUrl}/shared/${token}`, share }
}

/** Links of a company, of one file or into one folder, newest first: those to what the caller may see. */
export async function listShares(ctx: ServiceContext, input: ListSharesInput) {
  const after = readCursor(input.cursor)
  return ctx.read(async (tx) => {
    const rows = await queries.listShares(tx, input, after)
    if (rows.length === 0) await requireRole(tx, input.companyId, 'viewer')
    return toPage(rows, input.limit, (row) => ({ at: row.createdAt, id: row.id }))
  })
}

/** @throws {DomainError} PRECONDITION_FAILED when it is revoked already. */
export async function revokeShare(ctx: ServiceContext, shareId: string): Promise<Share> {
  return ctx.transaction(async (tx) => {
    const share = (await queries.findShare(tx, shareId)) ?? (await missing(tx, 'link', shareId))
    await requireRole(tx, share.companyId, 'member')
    return (await queries.revokeShare(tx, shareId)) ?? alreadyRevoked()
  })
}

/** Revokes the links of a file or into a folder; all of the company's for its admins, those to private files among them. */
export async function revokeAllShares(ctx: ServiceContext, input: RevokeAllInput): Promise<{ revoked: number }> {
  const { companyId, ...target } = input
  return ctx.transaction(async (tx) => {
    const isWhole = target.fileId === undefined && target.folderId === undefined
    await requireRole(tx, companyId, isWhole ? 'admin' : 'member')
    if (isWhole) return { revoked: await queries.revokeSharesOfCompany(tx, companyId) }
    const found = await findTarget(tx, target)
    if (found.companyId !== companyId) return notFound(found.what, found.id)
    return { revoked: await queries.revokeSharesOf(tx, input) }
  })
}

type Target = Pick<CreateShareInput, 'fileId' | 'folderId'>

async function requireShareable(tx: Tx, target: Target): Promise<string> {
  const { companyId, what, isReady } = await findTarget(tx, target)
  await requireRole(tx, companyId, 'member')
  if (isReady) return companyId
  throw new DomainError(
    'PRECONDITION_FAILED',
    what === 'file'
      ? 'This file is in the trash or still being uploaded; share it once it is back or complete.'
      : 'This folder is in the trash or its studio is archived, so no file can be put into it.',
  )
}

async function findTarget(tx: Tx, { fileId, folderId }: Target) {
  if (fileId !== undefined) {
    const file = (await findFile(tx, fileId)) ?? (await missing(tx, 'file', fileId))
    const isReady = file.status === 'ready' && file.deletedAt === null
    return { what: 'file', id: fileId, companyId: file.companyId, isReady }
  }
  if (folderId === undefined) return badInput([{ path: 'fileId', message: 'give either a fileId or a folderId' }])
  const folder = (await queries.findFolder(tx, folderId)) ?? (await missing(tx, 'folder', folderId))
  return { what: 'folder', id: folderId, ...folder }
}

function alreadyRevoked(): never {
  throw new DomainError('PRECONDITION_FAILED', 'This link is revoked already; it opens nothing any more.')
}
