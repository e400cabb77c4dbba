import * as contract from '../contracts/integrations.ts'
import * as integrations from '../services/workflows/integrations.ts'
import { companyAdminProcedure, router } from '../trpc.ts'

const tags = ['Integrations']

export const integrationsRouter = router({
  set: companyAdminProcedure
    .meta({
      openapi: { method: 'POST', path: '/companies/{companyId}/engine', tags, summary: 'Use an engine of one’s own' },
    })
    .input(contract.setIntegrationInput)
    .output(contract.integration)
    .mutation(({ ctx, input }) => integrations.setIntegration(ctx.service, input)),
  byCompany: companyAdminProcedure
    .meta({
      openapi: { method: 'GET', path: '/companies/{companyId}/engine', tags, summary: 'The company’s own engine' },
    })
    .input(contract.integrationInput)
    .output(contract.companyIntegration)
    .query(async ({ ctx, input }) => ({
      integration: (await integrations.findIntegration(ctx.service, input)) ?? null,
    })),
  check: companyAdminProcedure
    .meta({
      openapi: {
        method: 'POST',
        path: '/companies/{companyId}/engine/check',
        tags,
        summary: 'Ask the company’s own engine whether it is well',
      },
    })
    .input(contract.integrationInput)
    .output(contract.integration)
    .mutation(({ ctx, input }) => integrations.checkIntegration(ctx.service, input)),
  remove: companyAdminProcedure
    .meta({
      openapi: {
        method: 'DELETE',
        path: '/companies/{companyId}/engine',
        tags,
        summary: 'Go back to the platform’s engine',
      },
    })
    .input(contract.integrationInput)
    .output(contract.integration)
    .mutation(({ ctx, input }) => integrations.removeIntegration(ctx.service, input)),
})
