import * as contract from '../contracts/file-versions.ts'
import { fileDetails } from '../contracts/files.ts'
import * as versions from '../services/core/files/versions.ts'
import { memberProcedure, router, viewerProcedure } from '../trpc.ts'

const tags = ['Files']
const all = '/files/{fileId}/versions'
const one = `${all}/{version}` as const

export const fileVersionsRouter = router({
  list: viewerProcedure
    .meta({ openapi: { method: 'GET', path: all, tags, summary: 'The versions of a file, newest first' } })
    .input(contract.listFileVersionsInput)
    .output(contract.fileVersionPage)
    .query(({ ctx, input }) => versions.listVersions(ctx.service, input)),
  restore: memberProcedure
    .meta({ openapi: { method: 'POST', path: `${one}/restore`, tags, summary: 'Go back to an older version' } })
    .input(contract.fileVersionInput)
    .output(fileDetails)
    .mutation(({ ctx, input }) => versions.restoreVersion(ctx.service, input)),
  delete: memberProcedure
    .meta({ openapi: { method: 'DELETE', path: one, tags, summary: 'Delete an older version for good' } })
    .input(contract.fileVersionInput)
    .output(contract.fileVersionInput)
    .mutation(({ ctx, input }) => versions.deleteVersion(ctx.service, input)),
})
