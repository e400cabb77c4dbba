import { z } from 'zod'
import { id } from '../contracts/common.ts'
import { companyInput } from '../contracts/companies.ts'
import * as contract from '../contracts/members.ts'
import * as members from '../services/core/members.ts'
import { companyAdminProcedure, router, userProcedure, viewerProcedure } from '../trpc.ts'

const tags = ['Members']
const one = '/companies/{companyId}/members/{userId}'
const standing = z.object({ companyId: id, status: contract.membershipStatus })

export const joinRouter = userProcedure
  .meta({
    openapi: { method: 'POST', path: '/join-requests', tags, summary: 'Ask to join a company by its short name' },
  })
  .input(contract.requestJoinInput)
  .output(standing)
  .mutation(({ ctx, input }) => members.requestJoin(ctx.service, input.slug))

export const membersRouter = router({
  list: viewerProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: '/companies/{companyId}/members',
        tags,
        summary: 'Members; admins also see who asked to join',
      },
    })
    .input(contract.listMembersInput)
    .output(contract.memberPage)
    .query(({ ctx, input }) => members.listMembers(ctx.service, input)),
  approve: companyAdminProcedure
    .meta({ openapi: { method: 'POST', path: `${one}/approve`, tags, summary: 'Let somebody in' } })
    .input(contract.approveMemberInput)
    .output(contract.member)
    .mutation(({ ctx, input }) => members.approveMember(ctx.service, input)),
  reject: companyAdminProcedure
    .meta({ openapi: { method: 'POST', path: `${one}/reject`, tags, summary: 'Refuse a request to join' } })
    .input(contract.memberInput)
    .output(contract.member)
    .mutation(({ ctx, input }) => members.rejectMember(ctx.service, input)),
  changeRole: companyAdminProcedure
    .meta({ openapi: { method: 'PATCH', path: one, tags, summary: "Change a member's role" } })
    .input(contract.changeRoleInput)
    .output(contract.member)
    .mutation(({ ctx, input }) => members.changeRole(ctx.service, input)),
  revoke: companyAdminProcedure
    .meta({ openapi: { method: 'POST', path: `${one}/revoke`, tags, summary: "Take a member's access away" } })
    .input(contract.memberInput)
    .output(contract.member)
    .mutation(({ ctx, input }) => members.revokeMember(ctx.service, input)),
  leave: viewerProcedure
    .meta({ openapi: { method: 'POST', path: '/companies/{companyId}/leave', tags, summary: 'Leave a company' } })
    .input(companyInput)
    .output(standing)
    .mutation(({ ctx, input }) => members.leaveCompany(ctx.service, input.companyId)),
})
