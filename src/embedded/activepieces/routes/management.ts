import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { EngineContext } from '../context.ts'
import { DomainError } from '../errors.ts'
import { bodyOf } from '../http/bodies.ts'
import { check } from '../http/validation.ts'

const alertsQuery = z.object({ projectId: z.string() })
const templateBody = z.object({
  name: z.string(),
  summary: z.string(),
  description: z.string(),
  author: z.string(),
  categories: z.array(z.string()),
  type: z.enum(['OFFICIAL', 'SHARED', 'CUSTOM']),
})
const nothing = { data: [], next: null, previous: null }

/** What belongs to teams that build flows by hand: there are no alerts, invitations or templates here. */
export function managementRoutes(server: FastifyInstance, { sessions }: EngineContext): void {
  server.get('/alerts', async (request) => {
    const { projectId } = check(alertsQuery, request.query, 'querystring')
    await sessions.requireProject(request, projectId)
    return nothing
  })

  server.get('/user-invitations', async (request) => {
    await sessions.requireUser(request)
    return nothing
  })

  server.post('/templates', async (request) => {
    check(templateBody, bodyOf(request), 'body')
    await sessions.requireUser(request)
    throw new DomainError('FEATURE_DISABLED', { message: 'The embedded engine keeps no templates.' })
  })
}
