import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { EngineContext } from '../context.ts'
import { DomainError } from '../errors.ts'
import { requestBody } from '../http/bodies.ts'
import { check, id } from '../http/validation.ts'
import { newId } from '../ids.ts'
import { asObject } from '../json.ts'
import { resumeRun } from '../runs/resuming.ts'
import { findRun, type Run } from '../store/runs.ts'
import { sendFlowResponse } from './flow-response.ts'

const params = z.object({ id, waitpointId: id })
const recorded = 'Your response has been recorded. You can close this page now.'
const expired = 'This link has expired. The action may have already been processed.'
const live = new Set(['QUEUED', 'RUNNING', 'PAUSED'])

/** Public, any method: whoever holds the link may resume the run, once. */
export function waitpointRoutes(server: FastifyInstance, context: EngineContext): void {
  server.all('/flow-runs/:id/waitpoints/:waitpointId', async (request) => {
    const { run, waitpointId } = requireRun(context, request)
    const resumed = resumeRun(context, run.id, waitpointId, payload(request))
    context.wake()
    return { message: resumed === 'stale' ? expired : recorded }
  })

  server.all('/flow-runs/:id/waitpoints/:waitpointId/sync', async (request, reply) => {
    const { run, waitpointId } = requireRun(context, request)
    if (!live.has(run.status)) {
      return reply.status(409).send({ message: 'Flow run is not paused', flowRunStatus: run.status })
    }
    const resumed = resumeRun(context, run.id, waitpointId, payload(request))
    if (resumed === 'stale') return reply.status(410).send({ message: expired })
    const waitFor = resumed === 'resumed' ? run.id : newId()
    const response = context.responders.wait(waitFor, context.settings.limits.webhookTimeoutMs)
    context.wake()
    return sendFlowResponse(reply, await response)
  })
}

function requireRun(context: EngineContext, request: FastifyRequest): { run: Run; waitpointId: string } {
  const found = check(params, request.params, 'params')
  const run = findRun(context.database, found.id)
  if (run !== undefined) return { run, waitpointId: found.waitpointId }
  const message = 'Flow run not found'
  throw new DomainError('ENTITY_NOT_FOUND', { entityType: 'flow_run', entityId: found.id, message })
}

function payload(request: FastifyRequest) {
  return {
    body: requestBody(request.body)?.value ?? {},
    headers: { ...request.headers },
    queryParams: asObject(request.query),
  }
}
