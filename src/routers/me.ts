import { z } from 'zod'
import { membership } from '../contracts/members.ts'
import { profile, updateProfileInput } from '../contracts/profile.ts'
import { listMyCompanies } from '../services/core/members.ts'
import { getProfile, updateProfile } from '../services/core/profile.ts'
import { router, userProcedure } from '../trpc.ts'

const tags = ['Me']

export const meRouter = router({
  profile: userProcedure
    .meta({ openapi: { method: 'GET', path: '/me', tags, summary: 'Your profile' } })
    .input(z.void())
    .output(profile)
    .query(({ ctx }) => getProfile(ctx.service)),
  update: userProcedure
    .meta({ openapi: { method: 'PATCH', path: '/me', tags, summary: 'Change your name' } })
    .input(updateProfileInput)
    .output(profile)
    .mutation(({ ctx, input }) => updateProfile(ctx.service, input.fullName)),
  companies: userProcedure
    .meta({
      openapi: { method: 'GET', path: '/me/companies', tags, summary: 'Your memberships, also those still waiting' },
    })
    .input(z.void())
    .output(z.object({ items: z.array(membership) }))
    .query(({ ctx }) => listMyCompanies(ctx.service)),
})
