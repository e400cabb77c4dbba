import type { MoveFileInput, UpdateFileInput } from '../../../contracts/file-changes.ts'
import type { FileDetails } from '../../../contracts/files.ts'
import type { Tx } from '../../../db/client.ts'
import * as queries from '../../../db/queries/file-changes.ts'
import { findFolder, lockFolders } from '../../../db/queries/folders.ts'
import { findStudio } from '../../../db/queries/studios.ts'
import { DomainError, notFound } from '../../../errors.ts'
import type { ServiceContext } from '../../context.ts'
import { requireRole } from '../access.ts'
import { readableFile } from './uploads.ts'

/**
 * Changes what was given and leaves the rest.
 * @throws {DomainError} FORBIDDEN for viewers, and for an access level that is not the caller's to give;
 * PRECONDITION_FAILED for a file in the trash.
 */
export async function updateFile(ctx: ServiceContext, { fileId, ...change }: UpdateFileInput): Promise<FileDetails> {
  return ctx.transaction(async (tx) => {
    const file = await changeableFile(tx, fileId)
    if (file.deletedAt) return inTrash()
    if (Object.values(change).every((value) => value === undefined)) return file
    return (await queries.updateFile(tx, fileId, change)) ?? inTrash()
  })
}

/**
 * Puts a file into a folder or to the top of a studio, its own or another one of the company.
 * @throws {DomainError} NOT_FOUND for a studio or folder that the caller may not enter, or a folder of another studio;
 * PRECONDITION_FAILED for a file or folder in the trash and for an archived studio.
 */
export async function moveFile(ctx: ServiceContext, { fileId, ...place }: MoveFileInput): Promise<FileDetails> {
  return ctx.transaction(async (tx) => {
    const file = await changeableFile(tx, fileId)
    if (file.deletedAt) return inTrash()
    const folder = place.folderId
      ? ((await findFolder(tx, place.folderId)) ?? notFound('folder', place.folderId))
      : null
    const studioId = place.studioId ?? folder?.studioId ?? file.studioId
    const studio = (await findStudio(tx, studioId)) ?? notFound('studio', studioId)
    if (studio.companyId !== file.companyId) return notFound('studio', studioId)
    if (folder) await lockFolders(tx, studioId)
    return (await queries.updateFile(tx, fileId, { studioId, folderId: place.folderId })) ?? inTrash()
  })
}

/** Puts a file into the trash: nobody can read its content there, and it is deleted for good after the company's days. */
export async function trashFile(ctx: ServiceContext, fileId: string): Promise<FileDetails> {
  return ctx.transaction(async (tx) => {
    await changeableFile(tx, fileId)
    return (await queries.updateFileTrash(tx, fileId, true)) ?? inTrash()
  })
}

/** Takes a file out of the trash; to the top of its studio when its folder is in the trash. */
export async function restoreFile(ctx: ServiceContext, fileId: string): Promise<FileDetails> {
  return ctx.transaction(async (tx) => {
    const file = await changeableFile(tx, fileId)
    if (file.folderId) await lockFolders(tx, file.studioId)
    return (await queries.updateFileTrash(tx, fileId, false)) ?? notInTrash()
  })
}

/**
 * A file that the caller may change, as the policy files_update has it.
 * @throws {DomainError} FORBIDDEN for viewers, and for a company-wide file in a studio that the caller may not enter.
 */
export async function changeableFile(tx: Tx, fileId: string): Promise<FileDetails> {
  const file = await readableFile(tx, fileId)
  await requireRole(tx, file.companyId, 'member')
  if (file.accessLevel === 'company' && !(await findStudio(tx, file.studioId))) return otherStudio()
  return file
}

function otherStudio(): never {
  throw new DomainError(
    'FORBIDDEN',
    'You may read this file but not change it: it lies in a studio that you may not enter. Ask an admin of the company.',
  )
}

export function inTrash(): never {
  throw new DomainError('PRECONDITION_FAILED', 'This file is in the trash; restore it first.')
}

function notInTrash(): never {
  throw new DomainError('PRECONDITION_FAILED', 'This file is not in the trash, so there is nothing to restore.')
}
