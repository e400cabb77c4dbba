import * as contract from '../contracts/folders.ts'
import * as folders from '../services/core/files/folders.ts'
import { memberProcedure, router, viewerProcedure } from '../trpc.ts'

const tags = ['Files']
const all = '/studios/{studioId}/folders'
const one = '/folders/{folderId}'

export const foldersRouter = router({
  create: memberProcedure
    .meta({ openapi: { method: 'POST', path: all, tags, summary: 'Make a folder' } })
    .input(contract.createFolderInput)
    .output(contract.folder)
    .mutation(({ ctx, input }) => folders.createFolder(ctx.service, input)),
  list: viewerProcedure
    .meta({ openapi: { method: 'GET', path: all, tags, summary: 'The folders in one place of a studio' } })
    .input(contract.listFoldersInput)
    .output(contract.folderPage)
    .query(({ ctx, input }) => folders.listFolders(ctx.service, input)),
  byId: viewerProcedure
    .meta({ openapi: { method: 'GET', path: one, tags, summary: 'One folder and the way to it' } })
    .input(contract.folderInput)
    .output(contract.folderDetails)
    .query(({ ctx, input }) => folders.findFolder(ctx.service, input.folderId)),
  rename: memberProcedure
    .meta({ openapi: { method: 'PATCH', path: one, tags, summary: 'Rename a folder' } })
    .input(contract.renameFolderInput)
    .output(contract.folder)
    .mutation(({ ctx, input }) => folders.renameFolder(ctx.service, input)),
  move: memberProcedure
    .meta({ openapi: { method: 'POST', path: `${one}/move`, tags, summary: 'Move a folder within its studio' } })
    .input(contract.moveFolderInput)
    .output(contract.folder)
    .mutation(({ ctx, input }) => folders.moveFolder(ctx.service, input)),
  trash: memberProcedure
    .meta({ openapi: { method: 'POST', path: `${one}/trash`, tags, summary: 'Put a folder into the trash' } })
    .input(contract.folderInput)
    .output(contract.folder)
    .mutation(({ ctx, input }) => folders.trashFolder(ctx.service, input.folderId)),
  restore: memberProcedure
    .meta({ openapi: { method: 'POST', path: `${one}/restore`, tags, summary: 'Take a folder out of the trash' } })
    .input(contract.folderInput)
    .output(contract.folder)
    .mutation(({ ctx, input }) => folders.restoreFolder(ctx.service, input.folderId)),
})
