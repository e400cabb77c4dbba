import * as contract from '../contracts/sharing.ts'
import * as sharing from '../services/core/sharing/sharing.ts'
import { memberProcedure, router, viewerProcedure } from '../trpc.ts'

const tags = ['Sharing']

export const sharingRouter = router({
  create: memberProcedure
    .meta({
      openapi: {
        method: 'POST',
        path: '/shares',
        tags,
        summary: 'Make a link to a file, or one for putting files into a folder',
      },
    })
    .input(contract.createShareInput)
    .output(contract.createdShare)
    .mutation(({ ctx, input }) => sharing.createShare(ctx.service, input)),
  list: viewerProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: '/companies/{companyId}/shares',
        tags,
        summary: 'Links of a company, a file or a folder',
      },
    })
    .input(contract.listSharesInput)
    .output(contract.sharePage)
    .query(({ ctx, input }) => sharing.listShares(ctx.service, input)),
  revoke: memberProcedure
    .meta({ openapi: { method: 'DELETE', path: '/shares/{shareId}', tags, summary: 'Revoke a link' } })
    .input(contract.shareInput)
    .output(contract.share)
    .mutation(({ ctx, input }) => sharing.revokeShare(ctx.service, input.shareId)),
  revokeAll: memberProcedure
    .meta({
      openapi: {
        method: 'POST',
        path: '/companies/{companyId}/shares/revoke',
        tags,
        summary: 'Revoke all links of a file or into a folder; for admins, of the company',
      },
    })
    .input(contract.revokeAllInput)
    .output(contract.revokedShares)
    .mutation(({ ctx, input }) => sharing.revokeAllShares(ctx.service, input)),
})
