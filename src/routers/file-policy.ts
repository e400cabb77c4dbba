import * as contract from '../contracts/file-policy.ts'
import * as policy from '../services/core/files/policy.ts'
import { companyAdminProcedure, router, viewerProcedure } from '../trpc.ts'

const tags = ['Files']
const path = '/companies/{companyId}/file-policy'

export const filePolicyRouter = router({
  get: viewerProcedure
    .meta({
      openapi: { method: 'GET', path, tags, summary: 'Which files a company takes and how long its trash is kept' },
    })
    .input(contract.filePolicyInput)
    .output(contract.filePolicy)
    .query(({ ctx, input }) => policy.findFilePolicy(ctx.service, input.companyId)),
  set: companyAdminProcedure
    .meta({ openapi: { method: 'PATCH', path, tags, summary: 'Change which files a company takes' } })
    .input(contract.setFilePolicyInput)
    .output(contract.filePolicy)
    .mutation(({ ctx, input }) => policy.setFilePolicy(ctx.service, input)),
})
