import { z } from 'zod'
import { id, pageInput, pageOf, timestamp } from './common.ts'
import { fileName } from './files.ts'

/** A folder of a studio, at most 20 levels deep; its name is unique, in any case, among the folders beside it. */
export const folder = z.object({
  id,
  companyId: id,
  studioId: id,
  parentId: id.nullable().describe('The folder above; null at the top of the studio.'),
  name: z.string(),
  createdBy: id,
  createdAt: timestamp,
  updatedAt: timestamp,
  deletedAt: timestamp.nullable().describe('When it went into the trash.'),
})
export type Folder = z.infer<typeof folder>

export const folderDetails = folder.extend({
  path: z
    .array(z.object({ id, name: z.string() }))
    .describe('The folders on the way to it, from the top of the studio down to itself.'),
})
export type FolderDetails = z.infer<typeof folderDetails>

export const folderPage = pageOf(folder)

export const folderInput = z.object({ folderId: id })

export const createFolderInput = z.object({
  studioId: id,
  parentId: id.optional().describe('A folder of the studio; left out, the new one lies at its top.'),
  name: fileName,
})
export type CreateFolderInput = z.infer<typeof createFolderInput>

export const listFoldersInput = pageInput.extend({
  studioId: id,
  parentId: id.optional().describe('Lists the folders in this one; left out, those at the top of the studio.'),
  trash: z
    .boolean()
    .default(false)
    .describe('Lists the folders that were put into the trash instead, without those that only went along.'),
})
export type ListFoldersInput = z.infer<typeof listFoldersInput>

export const renameFolderInput = folderInput.extend({ name: fileName })
export type RenameFolderInput = z.infer<typeof renameFolderInput>

export const moveFolderInput = folderInput.extend({
  parentId: id.nullable().describe('A folder of the same studio; null for the top of the studio.'),
})
export type MoveFolderInput = z.infer<typeof moveFolderInput>
