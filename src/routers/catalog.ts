import * as contract from '../contracts/catalog.ts'
import * as catalog from '../services/workflows/catalog.ts'
import { router, userProcedure } from '../trpc.ts'

const tags = ['Catalog']

export const catalogRouter = router({
  list: userProcedure
    .meta({ openapi: { method: 'GET', path: '/catalog', tags, summary: 'Ready-made workflows: search, filter, sort' } })
    .input(contract.listCatalogInput)
    .output(contract.templatePage)
    .query(({ ctx, input }) => catalog.listCatalog(ctx.service, input)),
  byId: userProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: '/catalog/{templateId}',
        tags,
        summary: 'One workflow: what it does, why it is worth running, what it needs',
      },
    })
    .input(contract.templateInput)
    .output(contract.template)
    .query(({ ctx, input }) => catalog.findTemplate(ctx.service, input.templateId)),
  facets: userProcedure
    .meta({
      openapi: { method: 'GET', path: '/catalog-facets', tags, summary: 'How many workflows each filter leaves' },
    })
    .input(contract.catalogFilters)
    .output(contract.catalogFacets)
    .query(({ ctx, input }) => catalog.catalogFacets(ctx.service, input)),
})
