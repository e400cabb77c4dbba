import * as contract from '../contracts/bulk.ts'
import * as bulk from '../services/workflows/bulk.ts'
import { memberProcedure, router, viewerProcedure } from '../trpc.ts'

const tags = ['Bulk operations']
const all = '/companies/{companyId}/bulk-operations'
const one = `${all}/{operationId}` as const

export const bulkRouter = router({
  // Changes nothing; a filter with many runs in it is too long for the address of a query.
  preview: viewerProcedure
    .meta({
      openapi: {
        method: 'POST',
        path: `${all}/preview`,
        tags,
        summary: 'How many runs a filter means, and to how many of them something can be done',
      },
    })
    .input(contract.previewBulkInput)
    .output(contract.bulkPreview)
    .mutation(({ ctx, input }) => bulk.previewBulk(ctx.service, input)),
  start: memberProcedure
    .meta({
      openapi: { method: 'POST', path: all, tags, summary: 'Retry, replay or cancel all runs that a filter means' },
    })
    .input(contract.startBulkInput)
    .output(contract.bulkOperation)
    .mutation(({ ctx, input }) => bulk.startBulk(ctx.service, input)),
  list: viewerProcedure
    .meta({ openapi: { method: 'GET', path: all, tags, summary: 'Bulk operations of a company with their progress' } })
    .input(contract.listBulkInput)
    .output(contract.bulkPage)
    .query(({ ctx, input }) => bulk.listBulk(ctx.service, input)),
  byId: viewerProcedure
    .meta({ openapi: { method: 'GET', path: one, tags, summary: 'One bulk operation with its progress' } })
    .input(contract.bulkInput)
    .output(contract.bulkOperation)
    .query(({ ctx, input }) => bulk.findBulk(ctx.service, input)),
  items: viewerProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: `${one}/items`,
        tags,
        summary: 'The runs of a bulk operation, each with its verdict',
      },
    })
    .input(contract.listBulkItemsInput)
    .output(contract.bulkItemPage)
    .query(({ ctx, input }) => bulk.listBulkItems(ctx.service, input)),
  abort: memberProcedure
    .meta({ openapi: { method: 'POST', path: `${one}/abort`, tags, summary: 'Stop a bulk operation where it is' } })
    .input(contract.bulkInput)
    .output(contract.bulkOperation)
    .mutation(({ ctx, input }) => bulk.abortBulk(ctx.service, input)),
})
