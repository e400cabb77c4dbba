import * as contract from '../contracts/companies.ts'
import * as companies from '../services/core/companies.ts'
import { companyAdminProcedure, router, userProcedure, viewerProcedure } from '../trpc.ts'
import { joinRouter, membersRouter } from './members.ts'

const tags = ['Companies']

const branchesRouter = router({
  add: companyAdminProcedure
    .meta({ openapi: { method: 'POST', path: '/companies/{companyId}/branches', tags, summary: 'Add a branch' } })
    .input(contract.addBranchInput)
    .output(contract.company)
    .mutation(({ ctx, input }) => companies.addBranch(ctx.service, input)),
  update: companyAdminProcedure
    .meta({
      openapi: {
        method: 'PATCH',
        path: '/companies/{companyId}/branches/{branchName}',
        tags,
        summary: 'Change a branch',
      },
    })
    .input(contract.updateBranchInput)
    .output(contract.company)
    .mutation(({ ctx, input }) => companies.updateBranch(ctx.service, input)),
  remove: companyAdminProcedure
    .meta({
      openapi: {
        method: 'DELETE',
        path: '/companies/{companyId}/branches/{branchName}',
        tags,
        summary: 'Remove a branch',
      },
    })
    .input(contract.removeBranchInput)
    .output(contract.company)
    .mutation(({ ctx, input }) => companies.removeBranch(ctx.service, input)),
})

export const companiesRouter = router({
  create: userProcedure
    .meta({
      openapi: {
        method: 'POST',
        path: '/companies',
        tags,
        summary: 'Register a company with its headquarters and branches',
      },
    })
    .input(contract.createCompanyInput)
    .output(contract.company)
    .mutation(({ ctx, input }) => companies.createCompany(ctx.service, input)),
  list: userProcedure
    .meta({ openapi: { method: 'GET', path: '/companies', tags, summary: 'The companies you belong to' } })
    .input(contract.listCompaniesInput)
    .output(contract.companyPage)
    .query(({ ctx, input }) => companies.listCompanies(ctx.service, input)),
  byId: viewerProcedure
    .meta({ openapi: { method: 'GET', path: '/companies/{companyId}', tags, summary: 'One company' } })
    .input(contract.companyInput)
    .output(contract.company)
    .query(({ ctx, input }) => companies.findCompany(ctx.service, input.companyId)),
  update: companyAdminProcedure
    .meta({ openapi: { method: 'PATCH', path: '/companies/{companyId}', tags, summary: 'Change a company' } })
    .input(contract.updateCompanyInput)
    .output(contract.company)
    .mutation(({ ctx, input }) => companies.updateCompany(ctx.service, input)),
  branches: branchesRouter,
  requestJoin: joinRouter,
  members: membersRouter,
})
