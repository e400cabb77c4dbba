import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { hashPassword, isPassword } from '../auth/passwords.ts'
import { rateLimit } from '../auth/rate-limit.ts'
import type { EngineContext } from '../context.ts'
import { DomainError, FrameworkError } from '../errors.ts'
import { bodyOf } from '../http/bodies.ts'
import { check } from '../http/validation.ts'
import { newId } from '../ids.ts'
import { timestamp } from '../settings.ts'
import * as accounts from '../store/accounts.ts'
import { listProjects } from '../store/projects.ts'
import { showOnboarding } from './account-view.ts'

const password = z.string().min(8).max(64)
const signUpBody = z.object({
  email: z.email(),
  password,
  firstName: z.string(),
  lastName: z.string(),
  trackEvents: z.boolean(),
  newsLetter: z.boolean(),
})
const signInBody = z.object({ email: z.string(), password: z.string() })

export function authenticationRoutes(server: FastifyInstance, context: EngineContext): void {
  const onRequest = rateLimit(context.settings)

  server.post('/authentication/sign-up', { onRequest }, async (request) => {
    const body = check(signUpBody, bodyOf(request), 'body')
    if (accounts.findPlatform(context.database) !== undefined) {
      throw new DomainError('INVITATION_ONLY_SIGN_UP', { message: 'User is not invited to the platform' })
    }
    const identity = await createIdentity(context, body)
    return showOnboarding(context, identity)
  })

  server.post('/authentication/sign-in', { onRequest }, async (request) => {
    const body = check(signInBody, bodyOf(request), 'body')
    const identity = accounts.findIdentityByEmail(context.database, body.email.toLowerCase().trim())
    if (identity === undefined || !(await isPassword(body.password, identity.passwordHash))) {
      throw new DomainError('INVALID_CREDENTIALS', null)
    }
    return signIn(context, identity)
  })
}

async function createIdentity(context: EngineContext, body: z.output<typeof signUpBody>): Promise<accounts.Identity> {
  const email = body.email.toLowerCase().trim()
  const passwordHash = await hashPassword(body.password)
  if (accounts.findIdentityByEmail(context.database, email) !== undefined) {
    throw new DomainError('EXISTING_USER', { email, platformId: null })
  }
  const created = timestamp(context.settings)
  const { firstName, lastName, trackEvents, newsLetter } = body
  const names = { firstName, lastName, trackEvents, newsLetter }
  const identity = { id: newId(), email, passwordHash, tokenVersion: newId(), created, updated: created, ...names }
  accounts.insertIdentity(context.database, identity)
  return identity
}

async function signIn(context: EngineContext, identity: accounts.Identity) {
  const { database, tokens } = context
  if (accounts.findPlatform(database) === undefined) return showOnboarding(context, identity)
  const user = accounts.findUserOfIdentity(database, identity.id)
  if (user === undefined) throw new FrameworkError(500, 'User not found is null or undefined')
  const platform = { id: user.platformId }
  const { tokenVersion, firstName, lastName, email, trackEvents, newsLetter } = identity
  return {
    id: user.id,
    created: user.created,
    updated: user.updated,
    status: 'ACTIVE',
    platformRole: 'ADMIN',
    identityId: identity.id,
    externalId: null,
    platformId: user.platformId,
    lastActiveDate: null,
    ...{ firstName, lastName, email, trackEvents, newsLetter },
    verified: true,
    token: await tokens.signSession({ id: user.id, type: 'USER', platform, tokenVersion }),
    projectId: listProjects(database, user.platformId)[0]?.id ?? null,
  }
}
