import * as contract from '../contracts/studios.ts'
import * as studios from '../services/core/studios.ts'
import { companyAdminProcedure, memberProcedure, router, viewerProcedure } from '../trpc.ts'

const tags = ['Studios']

const studioMembersRouter = router({
  list: viewerProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: '/studios/{studioId}/members',
        tags,
        summary: 'Who may enter a restricted studio',
      },
    })
    .input(contract.listStudioMembersInput)
    .output(contract.studioMemberPage)
    .query(({ ctx, input }) => studios.listStudioMembers(ctx.service, input)),
  add: companyAdminProcedure
    .meta({
      openapi: {
        method: 'POST',
        path: '/studios/{studioId}/members',
        tags,
        summary: 'Let a member enter a restricted studio',
      },
    })
    .input(contract.studioMemberInput)
    .output(contract.studioMember)
    .mutation(({ ctx, input }) => studios.addStudioMember(ctx.service, input)),
  remove: companyAdminProcedure
    .meta({
      openapi: {
        method: 'DELETE',
        path: '/studios/{studioId}/members/{userId}',
        tags,
        summary: 'Close a restricted studio to a member',
      },
    })
    .input(contract.studioMemberInput)
    .output(contract.studioMemberInput)
    .mutation(({ ctx, input }) => studios.removeStudioMember(ctx.service, input)),
})

export const studiosRouter = router({
  create: memberProcedure
    .meta({ openapi: { method: 'POST', path: '/companies/{companyId}/studios', tags, summary: 'Open a studio' } })
    .input(contract.createStudioInput)
    .output(contract.studio)
    .mutation(({ ctx, input }) => studios.createStudio(ctx.service, input)),
  list: viewerProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: '/companies/{companyId}/studios',
        tags,
        summary: 'The studios of a company that you may enter',
      },
    })
    .input(contract.listStudiosInput)
    .output(contract.studioPage)
    .query(({ ctx, input }) => studios.listStudios(ctx.service, input)),
  byId: viewerProcedure
    .meta({ openapi: { method: 'GET', path: '/studios/{studioId}', tags, summary: 'One studio' } })
    .input(contract.studioInput)
    .output(contract.studio)
    .query(({ ctx, input }) => studios.findStudio(ctx.service, input.studioId)),
  update: memberProcedure
    .meta({ openapi: { method: 'PATCH', path: '/studios/{studioId}', tags, summary: 'Change a studio' } })
    .input(contract.updateStudioInput)
    .output(contract.studio)
    .mutation(({ ctx, input }) => studios.updateStudio(ctx.service, input)),
  archive: companyAdminProcedure
    .meta({ openapi: { method: 'POST', path: '/studios/{studioId}/archive', tags, summary: 'Archive a studio' } })
    .input(contract.studioInput)
    .output(contract.studio)
    .mutation(({ ctx, input }) => studios.archiveStudio(ctx.service, input.studioId)),
  members: studioMembersRouter,
})
