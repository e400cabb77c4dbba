import * as contract from '../contracts/files.ts'
import * as files from '../services/core/files/files.ts'
import { router, viewerProcedure } from '../trpc.ts'
import { uploadProcedures } from './uploads.ts'

const tags = ['Files']

export const filesRouter = router({
  byId: viewerProcedure
    .meta({ openapi: { method: 'GET', path: '/files/{fileId}', tags, summary: 'One file' } })
    .input(contract.fileInput)
    .output(contract.file)
    .query(({ ctx, input }) => files.findFile(ctx.service, input.fileId)),
  ...uploadProcedures,
})
