import { z } from 'zod'
import type { FileVersionInput, ListFileVersionsInput } from '../../../contracts/file-versions.ts'
import type { FileDetails } from '../../../contracts/files.ts'
import { decode, encode, refuseCursor } from '../../../db/paging.ts'
import * as queries from '../../../db/queries/file-versions.ts'
import { DomainError, notFound } from '../../../errors.ts'
import type { ServiceContext } from '../../context.ts'
import { requireRole } from '../access.ts'
import { changeableFile, inTrash } from './changes.ts'
import { changedMeanwhile, notTheirs } from './trash.ts'
import { readableFile } from './uploads.ts'

/** The versions of a file whose bytes are there, newest first. */
export async function listVersions(ctx: ServiceContext, { fileId, limit, cursor }: ListFileVersionsInput) {
  const before = cursor === undefined ? undefined : (z.int32().safeParse(decode(cursor)).data ?? refuseCursor())
  return ctx.read(async (tx) => {
    const rows = await queries.listVersions(tx, fileId, before, limit)
    if (rows.length === 0) await readableFile(tx, fileId)
    const items = rows.slice(0, limit)
    return { items, nextCursor: rows.length > limit ? encode(items.at(-1)?.version) : null }
  })
}

/**
 * Makes an older version the file's content again; the newer ones stay.
 * @throws {DomainError} PRECONDITION_FAILED when it is the current one already or the file is in the trash.
 */
export async function restoreVersion(ctx: ServiceContext, input: FileVersionInput): Promise<FileDetails> {
  await ctx.read(async (tx) => {
    const file = await changeableFile(tx, input.fileId)
    if (file.deletedAt) return inTrash()
    const found = (await queries.findVersion(tx, input)) ?? notFound('version', String(input.version))
    if (found.isCurrent) return isCurrent('This is the current version of the file already.')
  })
  const isRestored = await ctx.vouched((tx) => queries.restoreVersion(tx, input))
  if (!isRestored) return changedMeanwhile()
  return ctx.read((tx) => readableFile(tx, input.fileId))
}

/**
 * Deletes a version of a file for good.
 * @throws {DomainError} PRECONDITION_FAILED for the current one, FORBIDDEN for somebody who is neither the owner nor an admin.
 */
export async function deleteVersion(ctx: ServiceContext, input: FileVersionInput): Promise<FileVersionInput> {
  await ctx.read(async (tx) => {
    const file = await readableFile(tx, input.fileId)
    const role = await requireRole(tx, file.companyId, 'member')
    const found = (await queries.findVersion(tx, input)) ?? notFound('version', String(input.version))
    if (found.isCurrent) return isCurrent('The current version of a file stays; restore another one first.')
    if (file.uploadedBy !== ctx.caller.userId && role !== 'admin') return notTheirs()
  })
  return (await ctx.vouched((tx) => queries.deleteVersion(tx, input))) ? input : changedMeanwhile()
}

function isCurrent(message: string): never {
  throw new DomainError('PRECONDITION_FAILED', message)
}
