import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { EngineContext } from '../context.ts'
import { DomainError, notFound } from '../errors.ts'
import { bodyOf } from '../http/bodies.ts'
import { check, idParams } from '../http/validation.ts'
import { newId } from '../ids.ts'
import { timestamp } from '../settings.ts'
import * as accounts from '../store/accounts.ts'
import { insertProject } from '../store/projects.ts'
import { showOnboarding, showUser } from './account-view.ts'
import { showPlatform } from './platform-view.ts'

const platformBody = z.object({ name: z.string().min(1) })

export function platformRoutes(server: FastifyInstance, context: EngineContext): void {
  const { database, sessions } = context

  server.post('/platforms', async (request) => {
    const body = check(platformBody, bodyOf(request), 'body')
    return createPlatform(context, await sessions.requireOnboarding(request), body.name)
  })

  server.get('/platforms/:id', async (request) => {
    const { id } = check(idParams, request.params, 'params')
    const user = await sessions.requireUser(request)
    const platform = accounts.findPlatform(database)
    if (platform === undefined || platform.id !== id || user.platformId !== id) throw notFound('platform', id)
    return showPlatform(platform)
  })

  server.get('/users/:id', async (request) => {
    const { id } = check(idParams, request.params, 'params')
    const caller = await sessions.requireUser(request)
    const user = accounts.findUser(database, id)
    const identity = user === undefined ? undefined : accounts.findIdentity(database, user.identityId)
    if (user === undefined || identity === undefined || user.platformId !== caller.platformId)
      throw notFound('user', id)
    return { ...showUser(user, identity), badges: [] }
  })
}

async function createPlatform(context: EngineContext, identityId: string, name: string) {
  const { database, tokens, settings } = context
  const identity = accounts.findIdentity(database, identityId)
  if (identity === undefined || accounts.findPlatform(database) !== undefined) {
    throw new DomainError('INVITATION_ONLY_SIGN_UP', { message: 'User is not invited to the platform' })
  }
  const created = timestamp(settings)
  const [userId, platformId, projectId] = [newId(), newId(), newId()]
  const tokenVersion = database.transaction(() => {
    accounts.insertPlatform(database, { id: platformId, name, ownerId: userId, created })
    accounts.insertUser(database, { id: userId, identityId, platformId, created })
    const displayName = `${name}'s Project`
    const project = { id: projectId, platformId, ownerId: userId, displayName, type: 'PERSONAL' as const, created }
    insertProject(database, { ...project, externalId: null, metadata: null, maxConcurrentJobs: null, planId: newId() })
    return accounts.rotateTokenVersion(database, identityId)
  })
  const { trackEvents, newsLetter, ...shown } = await showOnboarding(context, identity)
  const token = await tokens.signSession({ id: userId, type: 'USER', platform: { id: platformId }, tokenVersion })
  return { ...shown, trackEvents, newsLetter, id: userId, platformId, token, projectId }
}
