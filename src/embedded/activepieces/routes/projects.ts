import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { EngineContext } from '../context.ts'
import { DomainError, notFound } from '../errors.ts'
import { bodyOf } from '../http/bodies.ts'
import { check, idParams } from '../http/validation.ts'
import { newId } from '../ids.ts'
import { timestamp } from '../settings.ts'
import type { User } from '../store/accounts.ts'
import * as projects from '../store/projects.ts'

const projectBody = z.object({
  displayName: z.string(),
  externalId: z.string().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  maxConcurrentJobs: z.number().nullish(),
})

export function projectRoutes(server: FastifyInstance, context: EngineContext): void {
  const { database, sessions } = context

  server.get('/projects', async (request) => {
    const user = await sessions.requireUser(request)
    const data = projects.listProjects(database, user.platformId).map((project) => showProject(context, project))
    return { data, next: null, previous: null }
  })

  server.get('/projects/:id', async (request) => {
    const { id } = check(idParams, request.params, 'params')
    const user = await sessions.requireUser(request)
    const project = projects.findProject(database, id)
    if (project === undefined || project.platformId !== user.platformId) throw notFound('project', id)
    return { ...showProject(context, project), deleted: null }
  })

  server.post('/projects', async (request, reply) => {
    const body = check(projectBody, bodyOf(request), 'body')
    const user = await sessions.requireUser(request)
    return reply.status(201).send(showProject(context, createTeamProject(context, user, body)))
  })
}

function createTeamProject(context: EngineContext, user: User, body: z.output<typeof projectBody>): projects.Project {
  const { database, settings } = context
  if (projects.countTeamProjects(database, user.platformId) > 0) {
    const rest = 'Upgrade your plan to add more team projects.'
    throw new DomainError('FEATURE_DISABLED', {
      message: `Maximum limit of 1 team project reached for this plan. ${rest}`,
    })
  }
  const externalId = body.externalId ?? null
  if (externalId !== null && projects.findProjectByExternalId(database, externalId) !== undefined) {
    throw new DomainError('PROJECT_EXTERNAL_ID_ALREADY_EXISTS', { externalId })
  }
  const created = timestamp(settings)
  const owner = { platformId: user.platformId, ownerId: user.id, type: 'TEAM' as const }
  const { displayName, metadata = null, maxConcurrentJobs = null } = body
  const own = { id: newId(), planId: newId(), displayName, externalId, metadata, maxConcurrentJobs }
  const project = { ...own, ...owner, created, updated: created }
  projects.insertProject(database, project)
  return project
}

function showProject(context: EngineContext, project: projects.Project) {
  const { id, created, updated, ownerId, displayName, platformId, type, externalId } = project
  const isPersonal = type === 'PERSONAL'
  return {
    ...{ id, created, updated, ownerId, displayName, platformId, type, externalId },
    maxConcurrentJobs: project.maxConcurrentJobs,
    icon: { color: isPersonal ? 'PINK' : 'PURPLE' },
    releasesEnabled: false,
    metadata: project.metadata,
    poolId: null,
    plan: {
      id: project.planId,
      created,
      updated: created,
      projectId: id,
      locked: false,
      name: isPersonal ? 'free' : 'platform',
      piecesFilterType: 'NONE',
      pieces: [],
    },
    analytics: {
      totalUsers: 0,
      activeUsers: 0,
      totalFlows: projects.countFlowsOfProject(context.database, id),
      activeFlows: projects.countFlowsOfProject(context.database, id, 'ENABLED'),
    },
  }
}
