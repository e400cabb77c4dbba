import * as contract from '../contracts/files.ts'
import { fileReaders, fileReadersInput } from '../contracts/run-files.ts'
import * as files from '../services/core/files/files.ts'
import { listReaders } from '../services/workflows/file-uses.ts'
import { router, viewerProcedure } from '../trpc.ts'
import { uploadProcedures } from './uploads.ts'

const tags = ['Files']

export const filesRouter = router({
  byId: viewerProcedure
    .meta({ openapi: { method: 'GET', path: '/files/{fileId}', tags, summary: 'One file' } })
    .input(contract.fileInput)
    .output(contract.file)
    .query(({ ctx, input }) => files.findFile(ctx.service, input.fileId)),
  readers: viewerProcedure
    .meta({ openapi: { method: 'GET', path: '/files/{fileId}/readers', tags, summary: 'Which runs saw a file' } })
    .input(fileReadersInput)
    .output(fileReaders)
    .query(({ ctx, input }) => listReaders(ctx.service, input)),
  ...uploadProcedures,
})
