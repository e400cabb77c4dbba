import type {
  CreateFolderInput,
  Folder,
  FolderDetails,
  ListFoldersInput,
  MoveFolderInput,
  RenameFolderInput,
} from '../../../contracts/folders.ts'
import type { Tx } from '../../../db/client.ts'
import * as queries from '../../../db/queries/folders.ts'
import { findStudio } from '../../../db/queries/studios.ts'
import { DomainError, notFound } from '../../../errors.ts'
import type { ServiceContext } from '../../context.ts'
import { missing, requireRole } from '../access.ts'

/**
 * Makes a folder in a studio.
 * @throws {DomainError} CONFLICT for a name in use in that place, NOT_FOUND when the folder above is not in the studio,
 * PRECONDITION_FAILED when it is in the trash, the studio is archived, or it would lie deeper than 20 levels.
 */
export async function createFolder(ctx: ServiceContext, input: CreateFolderInput): Promise<Folder> {
  return ctx.transaction(async (tx) => {
    const { id, companyId } = (await findStudio(tx, input.studioId)) ?? (await missing(tx, 'studio', input.studioId))
    await requireRole(tx, companyId, 'member')
    await queries.lockFolders(tx, id)
    return queries.insertFolder(tx, { ...input, companyId, createdBy: ctx.caller.userId })
  })
}

/** The folders in one place of a studio by name, or those in its trash. */
export async function listFolders(ctx: ServiceContext, input: ListFoldersInput) {
  return ctx.read(async (tx) => {
    const page = await queries.listFolders(tx, input)
    if (page.items.length === 0 && !(await findStudio(tx, input.studioId))) return missing(tx, 'studio', input.studioId)
    return page
  })
}

/** A folder and the way to it. */
export async function findFolder(ctx: ServiceContext, folderId: string): Promise<FolderDetails> {
  return ctx.read(async (tx) => {
    const folder = await getFolder(tx, folderId)
    return { ...folder, path: await queries.listPath(tx, folder) }
  })
}

/** @throws {DomainError} CONFLICT for a name in use in that place, PRECONDITION_FAILED for a folder in the trash. */
export async function renameFolder(ctx: ServiceContext, { folderId, name }: RenameFolderInput): Promise<Folder> {
  return ctx.transaction(async (tx) => {
    await lockedFolder(tx, folderId)
    return (await queries.updateFolder(tx, folderId, { name })) ?? inTrash()
  })
}

/**
 * Puts a folder with all that it holds into another folder of its studio, or to the top.
 * @throws {DomainError} PRECONDITION_FAILED for a place inside itself, in the trash or too deep, CONFLICT for a name in use there.
 */
export async function moveFolder(ctx: ServiceContext, { folderId, parentId }: MoveFolderInput): Promise<Folder> {
  return ctx.transaction(async (tx) => {
    await lockedFolder(tx, folderId)
    return (await queries.updateFolder(tx, folderId, { parentId })) ?? inTrash()
  })
}

/** Puts a folder into the trash with all that it holds. */
export async function trashFolder(ctx: ServiceContext, folderId: string): Promise<Folder> {
  return ctx.transaction(async (tx) => {
    await lockedFolder(tx, folderId)
    return (await queries.updateFolderTrash(tx, folderId, true)) ?? inTrash()
  })
}

/**
 * Takes a folder out of the trash with what went there along with it; to the top of the studio when the folder above is
 * in the trash itself.
 * @throws {DomainError} CONFLICT when its name is in use there by now, PRECONDITION_FAILED when it is not in the trash.
 */
export async function restoreFolder(ctx: ServiceContext, folderId: string): Promise<Folder> {
  return ctx.transaction(async (tx) => {
    const folder = await lockedFolder(tx, folderId)
    if (!folder.deletedAt) return notInTrash()
    const above = folder.parentId ? await queries.findFolder(tx, folder.parentId) : undefined
    const place = { studioId: folder.studioId, parentId: above && !above.deletedAt ? above.id : null }
    if (await queries.findNamesake(tx, place, folder.name)) return nameTaken(folder.name)
    return (await queries.updateFolderTrash(tx, folderId, false)) ?? notInTrash()
  })
}

async function getFolder(tx: Tx, folderId: string): Promise<Folder> {
  return (await queries.findFolder(tx, folderId)) ?? missing(tx, 'folder', folderId)
}

// Looked at again once nobody else changes the tree.
async function lockedFolder(tx: Tx, folderId: string): Promise<Folder> {
  const { companyId, studioId } = await getFolder(tx, folderId)
  await requireRole(tx, companyId, 'member')
  await queries.lockFolders(tx, studioId)
  return (await queries.findFolder(tx, folderId)) ?? notFound('folder', folderId)
}

function inTrash(): never {
  throw new DomainError('PRECONDITION_FAILED', 'This folder is in the trash; restore it first.')
}

function notInTrash(): never {
  throw new DomainError('PRECONDITION_FAILED', 'This folder is not in the trash, so there is nothing to restore.')
}

function nameTaken(name: string): never {
  throw new DomainError(
    'CONFLICT',
    `The place that this folder goes back to has a folder named ${name} by now; rename or move that one, then restore this one.`,
  )
}
