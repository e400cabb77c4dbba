import { companyInput } from '../contracts/companies.ts'
import * as changes from '../contracts/file-changes.ts'
import * as lists from '../contracts/file-lists.ts'
import * as contract from '../contracts/files.ts'
import { fileReaders, fileReadersInput } from '../contracts/run-files.ts'
import * as changing from '../services/core/files/changes.ts'
import * as files from '../services/core/files/files.ts'
import * as listing from '../services/core/files/listing.ts'
import { findStorage } from '../services/core/files/storage-use.ts'
import * as trash from '../services/core/files/trash.ts'
import { listReaders } from '../services/workflows/file-uses.ts'
import { companyAdminProcedure, memberProcedure, router, viewerProcedure } from '../trpc.ts'
import { filePolicyRouter } from './file-policy.ts'
import { fileVersionsRouter } from './file-versions.ts'
import { uploadProcedures } from './uploads.ts'

const tags = ['Files']
const all = '/companies/{companyId}/files'
const one = '/files/{fileId}'

export const filesRouter = router({
  byId: viewerProcedure
    .meta({ openapi: { method: 'GET', path: one, tags, summary: 'One file' } })
    .input(contract.fileInput)
    .output(contract.fileDetails)
    .query(({ ctx, input }) => files.findFile(ctx.service, input.fileId)),
  readers: viewerProcedure
    .meta({ openapi: { method: 'GET', path: '/files/{fileId}/readers', tags, summary: 'Which runs saw a file' } })
    .input(fileReadersInput)
    .output(fileReaders)
    .query(({ ctx, input }) => listReaders(ctx.service, input)),
  ...uploadProcedures,

  list: viewerProcedure
    .meta({ openapi: { method: 'GET', path: all, tags, summary: 'The files that you may read, newest first' } })
    .input(lists.listFilesInput)
    .output(lists.filePage)
    .query(({ ctx, input }) => listing.listFiles(ctx.service, input)),
  update: memberProcedure
    .meta({ openapi: { method: 'PATCH', path: one, tags, summary: 'Change name, tags, access or metadata of a file' } })
    .input(changes.updateFileInput)
    .output(contract.fileDetails)
    .mutation(({ ctx, input }) => changing.updateFile(ctx.service, input)),
  move: memberProcedure
    .meta({ openapi: { method: 'POST', path: `${one}/move`, tags, summary: 'Move a file to a folder or studio' } })
    .input(changes.moveFileInput)
    .output(contract.fileDetails)
    .mutation(({ ctx, input }) => changing.moveFile(ctx.service, input)),
  trash: memberProcedure
    .meta({ openapi: { method: 'POST', path: `${one}/trash`, tags, summary: 'Put a file into the trash' } })
    .input(contract.fileInput)
    .output(contract.fileDetails)
    .mutation(({ ctx, input }) => changing.trashFile(ctx.service, input.fileId)),
  restore: memberProcedure
    .meta({ openapi: { method: 'POST', path: `${one}/restore`, tags, summary: 'Take a file out of the trash' } })
    .input(contract.fileInput)
    .output(contract.fileDetails)
    .mutation(({ ctx, input }) => changing.restoreFile(ctx.service, input.fileId)),
  deleteForever: memberProcedure
    .meta({ openapi: { method: 'DELETE', path: one, tags, summary: 'Delete a file in the trash for good' } })
    .input(contract.fileInput)
    .output(contract.fileInput)
    .mutation(({ ctx, input }) => trash.deleteFile(ctx.service, input.fileId)),
  emptyTrash: companyAdminProcedure
    .meta({
      openapi: { method: 'POST', path: `${all}/empty-trash`, tags, summary: 'Delete what is in the trash for good' },
    })
    .input(changes.emptyTrashInput)
    .output(changes.emptiedTrash)
    .mutation(({ ctx, input }) => trash.emptyTrash(ctx.service, input)),
  privateOfOthers: companyAdminProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: '/companies/{companyId}/private-files',
        tags,
        summary: 'Name and size of other people’s private files',
      },
    })
    .input(lists.listPrivateFilesInput)
    .output(lists.privateFilePage)
    .query(({ ctx, input }) => listing.listPrivateFiles(ctx.service, input)),
  storage: viewerProcedure
    .meta({
      openapi: { method: 'GET', path: '/companies/{companyId}/storage', tags, summary: 'How full the storage is' },
    })
    .input(companyInput)
    .output(contract.storageUsage)
    .query(({ ctx, input }) => findStorage(ctx.service, input.companyId)),
  versions: fileVersionsRouter,
  policy: filePolicyRouter,
})
