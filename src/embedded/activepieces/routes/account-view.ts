import type { EngineContext } from '../context.ts'
import type { Identity, User } from '../store/accounts.ts'

/** The answer to an account without a platform: a token that is good for making one. */
export async function showOnboarding(context: EngineContext, identity: Identity) {
  const { id, tokenVersion } = identity
  return {
    id,
    platformId: null,
    platformRole: 'ADMIN',
    status: 'ACTIVE',
    externalId: null,
    firstName: identity.firstName,
    lastName: identity.lastName,
    email: identity.email,
    trackEvents: identity.trackEvents,
    newsLetter: identity.newsLetter,
    verified: true,
    token: await context.tokens.signSession({ id, type: 'ONBOARDING', tokenVersion }),
    projectId: null,
  }
}

export function showUser(user: User, identity: Identity) {
  return {
    id: user.id,
    email: identity.email,
    firstName: identity.firstName,
    status: 'ACTIVE',
    externalId: null,
    platformId: user.platformId,
    platformRole: 'ADMIN',
    lastName: identity.lastName,
    created: user.created,
    updated: user.updated,
    lastActiveDate: null,
    imageUrl: null,
  }
}
