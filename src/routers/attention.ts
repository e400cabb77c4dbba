import * as contract from '../contracts/attention.ts'
import { bulkOperation } from '../contracts/bulk.ts'
import * as attention from '../services/workflows/attention.ts'
import { memberProcedure, router, viewerProcedure } from '../trpc.ts'

const tags = ['Needs attention']
const all = '/companies/{companyId}/attention'
const one = `${all}/{groupId}` as const

export const attentionRouter = router({
  list: viewerProcedure
    .meta({ openapi: { method: 'GET', path: all, tags, summary: 'Failed runs by cause, the newest failure first' } })
    .input(contract.listAttentionInput)
    .output(contract.attentionPage)
    .query(({ ctx, input }) => attention.listAttention(ctx.service, input)),
  byId: viewerProcedure
    .meta({ openapi: { method: 'GET', path: one, tags, summary: 'One cause with its newest failed runs' } })
    .input(contract.attentionInput)
    .output(contract.attentionGroup)
    .query(({ ctx, input }) => attention.findAttention(ctx.service, input)),
  update: memberProcedure
    .meta({ openapi: { method: 'PATCH', path: one, tags, summary: 'Say who looks after a cause and how it stands' } })
    .input(contract.updateAttentionInput)
    .output(contract.failureGroup)
    .mutation(({ ctx, input }) => attention.updateAttention(ctx.service, input)),
  replayAll: memberProcedure
    .meta({ openapi: { method: 'POST', path: `${one}/replay`, tags, summary: 'Replay all failed runs of a cause' } })
    .input(contract.replayAllInput)
    .output(bulkOperation)
    .mutation(({ ctx, input }) => attention.replayAll(ctx.service, input)),
})
