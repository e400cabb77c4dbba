import * as contract from '../contracts/insights.ts'
import { listInsights } from '../services/workflows/insights.ts'
import { router, viewerProcedure } from '../trpc.ts'

const tags = ['Insights']

export const insightsRouter = router({
  list: viewerProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: '/companies/{companyId}/insights',
        tags,
        summary: 'Insights that runs recorded with the company',
      },
    })
    .input(contract.listInsightsInput)
    .output(contract.insightPage)
    .query(({ ctx, input }) => listInsights(ctx.service, input)),
})
