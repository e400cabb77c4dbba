import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { EngineContext } from '../context.ts'
import { notFound } from '../errors.ts'
import { bodyOf } from '../http/bodies.ts'
import { pageOf, readSlice } from '../http/paging.ts'
import { check, id, idParams, list, queryFlag, queryNumber } from '../http/validation.ts'
import { showSteps, writeListedRun, writeRun } from '../runs/presentation.ts'
import { retryRun, retryStrategies } from '../runs/retrying.ts'
import { archiveRuns, cancelRuns } from '../runs/withdrawing.ts'
import { countRunsByStatus, listRuns, selectMatchingRuns } from '../store/run-filters.ts'
import { findRun, type Run, runStatuses } from '../store/runs.ts'

const listQuery = z.object({
  projectId: z.string(),
  flowId: list(z.string()),
  tags: list(z.string()),
  status: list(z.enum(runStatuses)),
  flowRunIds: list(z.string()),
  createdAfter: z.string().optional(),
  createdBefore: z.string().optional(),
  failedStepName: z.string().optional(),
  failedStepMessage: z.string().optional(),
  includeArchived: queryFlag,
  limit: queryNumber,
  cursor: z.string().optional(),
})

const strategy = z.enum(retryStrategies)
const retryBody = z.object({ strategy, projectId: id })

const bulkBody = z.object({
  projectId: id,
  flowRunIds: z.array(z.string()).optional(),
  excludeFlowRunIds: z.array(z.string()).optional(),
  status: z.array(z.enum(runStatuses)).optional(),
  flowId: list(z.string()),
  createdAfter: z.string().optional(),
  createdBefore: z.string().optional(),
  failedStepName: z.string().optional(),
  failedStepMessage: z.string().optional(),
})
const bulkRetryBody = bulkBody.extend({ strategy })
const cancellable = z.union([z.literal('PAUSED'), z.literal('QUEUED')], { error: 'Invalid input' })
const cancelBody = bulkBody.extend({ status: z.array(cancellable).optional() })

const json = 'application/json; charset=utf-8'

export function flowRunRoutes(server: FastifyInstance, context: EngineContext): void {
  const { database, sessions } = context

  server.get('/flow-runs', async (request, reply) => {
    const query = check(listQuery, request.query, 'querystring')
    await sessions.requireProject(request, query.projectId)
    const slice = readSlice(query)
    const page = pageOf(listRuns(database, query, { ...slice, limit: slice.limit + 1 }), slice)
    const items = page.data.map((run) => writeListedRun(run, context.versions.find(run.flowVersionId)))
    const { next, previous } = page
    return reply
      .type(json)
      .send(`{"next":${JSON.stringify(next)},"previous":${JSON.stringify(previous)},"data":[${items}]}`)
  })

  server.get('/flow-runs/count-by-status', async (request) => {
    const query = check(listQuery, request.query, 'querystring')
    await sessions.requireProject(request, query.projectId)
    return { data: countRunsByStatus(database, query) }
  })

  server.get('/flow-runs/:id', async (request, reply) => {
    const run = await requireRun(context, request)
    const steps = await showSteps(context, run)
    return reply.type(json).send(writeRun(run, context.versions.find(run.flowVersionId), steps))
  })

  server.post('/flow-runs/:id/retry', async (request) => {
    const body = check(retryBody, bodyOf(request), 'body')
    return retryRun(context, await requireRun(context, request), body.strategy)
  })

  bulkRoutes(server, context)
}

function bulkRoutes(server: FastifyInstance, context: EngineContext): void {
  server.post('/flow-runs/retry', async (request) => {
    const body = check(bulkRetryBody, bodyOf(request), 'body')
    await context.sessions.requireProject(request, body.projectId)
    return selectMatchingRuns(context.database, body).map((run) => retryRun(context, run, body.strategy))
  })

  server.post('/flow-runs/cancel', async (request, reply) => {
    const body = check(cancelBody, bodyOf(request), 'body')
    await context.sessions.requireProject(request, body.projectId)
    cancelRuns(context, selectMatchingRuns(context.database, body))
    return reply.status(200).send()
  })

  server.post('/flow-runs/archive', async (request, reply) => {
    const body = check(bulkBody, bodyOf(request), 'body')
    await context.sessions.requireProject(request, body.projectId)
    archiveRuns(context, selectMatchingRuns(context.database, body))
    return reply.status(200).send()
  })
}

/** The row is looked up before the caller is: an unknown run is a 404 to anybody. */
async function requireRun(context: EngineContext, request: FastifyRequest): Promise<Run> {
  const params = check(idParams, request.params, 'params')
  const run = findRun(context.database, params.id)
  if (run === undefined) throw notFound('flow_run', params.id)
  await context.sessions.requireProject(request, run.projectId)
  return run
}
