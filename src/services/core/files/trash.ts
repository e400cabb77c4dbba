import type { EmptiedTrash, EmptyTrashInput } from '../../../contracts/file-changes.ts'
import * as queries from '../../../db/queries/file-changes.ts'
import { DomainError } from '../../../errors.ts'
import type { ServiceContext } from '../../context.ts'
import type { WorkerContext } from '../../workflows/worker-context.ts'
import { requireRole } from '../access.ts'
import { readableFile } from './uploads.ts'

const filesAtOnce = 250
const mostTurns = 20

/**
 * Deletes a file that is in the trash for good, with all its versions.
 * @throws {DomainError} PRECONDITION_FAILED unless it is in the trash, FORBIDDEN for somebody who is neither its owner nor an admin.
 */
export async function deleteFile(ctx: ServiceContext, fileId: string): Promise<{ fileId: string }> {
  await ctx.read(async (tx) => {
    const file = await readableFile(tx, fileId)
    const role = await requireRole(tx, file.companyId, 'member')
    if (!file.deletedAt) return notInTrash()
    if (file.uploadedBy !== ctx.caller.userId && role !== 'admin') return notTheirs()
  })
  const isGone = await ctx.vouched((tx) => queries.deleteFile(tx, fileId))
  return isGone ? { fileId } : changedMeanwhile()
}

/** Deletes for good what is in the trash of a company or a studio, but for other people's private files: those are theirs. */
export async function emptyTrash(ctx: ServiceContext, { companyId, studioId }: EmptyTrashInput): Promise<EmptiedTrash> {
  await ctx.read((tx) => requireRole(tx, companyId, 'admin'))
  let deletedFiles = 0
  for (let turn = 0; turn < mostTurns; turn += 1) {
    const deleted = await ctx.vouched((tx) => queries.emptyTrash(tx, companyId, studioId, filesAtOnce))
    deletedFiles += deleted
    if (deleted < filesAtOnce) return { deletedFiles, isEmpty: true }
  }
  return { deletedFiles, isEmpty: false }
}

/** The worker's: deletes for good some of what has been in the trash for long enough; true when there may be more. */
export async function purgeTrash(ctx: Pick<WorkerContext, 'transaction'>): Promise<boolean> {
  return (await ctx.transaction((tx) => queries.purgeTrash(tx, filesAtOnce))) === filesAtOnce
}

export function notTheirs(): never {
  throw new DomainError('FORBIDDEN', 'Only the owner of a file or an admin of the company can delete it for good.')
}

export function changedMeanwhile(): never {
  throw new DomainError(
    'PRECONDITION_FAILED',
    'Somebody else changed this file at this moment; look at it and try again.',
  )
}

function notInTrash(): never {
  throw new DomainError(
    'PRECONDITION_FAILED',
    'Only what is in the trash can be deleted for good; put the file into the trash first.',
  )
}
