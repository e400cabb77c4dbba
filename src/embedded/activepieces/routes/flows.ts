import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { EngineContext } from '../context.ts'
import { notFound } from '../errors.ts'
import { currentSchemaVersion } from '../flows/migration.ts'
import { applyOperation, readOperation } from '../flows/operations.ts'
import { bodyOf } from '../http/bodies.ts'
import { pageOf, readSlice } from '../http/paging.ts'
import { check, id, idParams, list, queryNumber } from '../http/validation.ts'
import { newId } from '../ids.ts'
import { timestamp } from '../settings.ts'
import * as flows from '../store/flows.ts'
import { countFlowsOfProject } from '../store/projects.ts'
import { showFlow, showTemplate, showVersionSummary } from './flow-view.ts'

const createBody = z.object({
  displayName: z.string(),
  projectId: z.string(),
  folderId: z.string().nullish(),
  metadata: z.unknown().optional(),
  templateId: z.string().nullish(),
})
const listQuery = z.object({
  projectId: z.string(),
  limit: queryNumber,
  cursor: z.string().optional(),
  status: list(z.enum(['ENABLED', 'DISABLED'])),
  name: z.string().optional(),
})
const versionQuery = z.object({ versionId: id.optional() })

export function flowRoutes(server: FastifyInstance, context: EngineContext): void {
  const { database, sessions } = context

  server.post('/flows', async (request, reply) => {
    const body = check(createBody, bodyOf(request), 'body')
    const { user } = await sessions.requireProject(request, body.projectId)
    const flow = createFlow(context, body, user.id)
    return reply.status(201).send(showFlow(flow, flows.findLatestVersion(database, flow.id)))
  })

  server.get('/flows', async (request) => {
    const query = check(listQuery, request.query, 'querystring')
    await sessions.requireProject(request, query.projectId)
    const slice = readSlice(query)
    const { projectId, name, status = [] } = query
    const before = slice.from?.position
    const rows = flows.listFlows(database, { projectId, name, status, limit: slice.limit + 1, before })
    const page = pageOf(rows, slice)
    return { ...page, data: page.data.map((flow) => showFlow(flow, flows.findLatestVersion(database, flow.id))) }
  })

  server.get('/flows/count', async (request) => {
    const query = check(listQuery, request.query, 'querystring')
    await sessions.requireProject(request, query.projectId)
    return countFlowsOfProject(database, query.projectId)
  })

  readRoutes(server, context)
  changeRoutes(server, context)
}

function readRoutes(server: FastifyInstance, context: EngineContext): void {
  const { database } = context

  server.get('/flows/:id', async (request) => {
    const { flow } = await requireFlow(context, request)
    const { versionId } = check(versionQuery, request.query, 'querystring')
    return showFlow(flow, findShownVersion(context, flow, versionId))
  })

  server.get('/flows/:id/versions', async (request) => {
    const { flow } = await requireFlow(context, request)
    const data = flows.listVersions(database, flow.id).map((version) => showVersionSummary(context, version))
    return { data, next: null, previous: null }
  })
}

function changeRoutes(server: FastifyInstance, context: EngineContext): void {
  server.get('/flows/:id/template', async (request) => {
    const { flow, user } = await requireFlow(context, request)
    const { versionId } = check(versionQuery, request.query, 'querystring')
    return showTemplate(context, flow, findShownVersion(context, flow, versionId), user)
  })

  server.post('/flows/:id', async (request) => {
    const operation = readOperation(bodyOf(request))
    const { flow, user } = await requireFlow(context, request)
    applyOperation(context, flow, user.id, operation)
    const changed = flows.findFlow(context.database, flow.id) ?? flow
    return showFlow(changed, flows.findLatestVersion(context.database, flow.id))
  })

  server.delete('/flows/:id', async (request, reply) => {
    const { flow } = await requireFlow(context, request)
    context.deletions.schedule(flow.id)
    return reply.status(204).send()
  })
}

function createFlow(context: EngineContext, body: z.output<typeof createBody>, ownerId: string): flows.Flow {
  const { database, settings } = context
  const created = timestamp(settings)
  const flowId = newId()
  const { projectId, displayName, folderId = null, metadata = null, templateId = null } = body
  const flow = { id: flowId, projectId, externalId: newId(), ownerId, folderId, metadata, templateId, created }
  database.transaction(() => {
    flows.insertFlow(database, { ...flow, publishedVersionId: null })
    const base = { name: 'trigger', valid: false, displayName: 'Select Trigger', lastUpdatedDate: created }
    flows.saveVersion(database, {
      id: newId(),
      flowId,
      displayName,
      trigger: { ...base, type: 'EMPTY', settings: {} },
      schemaVersion: currentSchemaVersion,
      valid: false,
      state: 'DRAFT',
      updatedBy: null,
      notes: [],
      created,
      updated: created,
    })
  })
  return { ...flow, publishedVersionId: null, status: 'DISABLED', operationStatus: 'NONE', updated: created }
}

async function requireFlow(context: EngineContext, request: FastifyRequest) {
  const params = check(idParams, request.params, 'params')
  const flow = flows.findFlow(context.database, params.id)
  if (flow === undefined) throw notFound('flow', params.id)
  const { user } = await context.sessions.requireProject(request, flow.projectId)
  return { flow, user }
}

function findShownVersion(context: EngineContext, flow: flows.Flow, versionId: string | undefined): flows.FlowVersion {
  const version =
    versionId === undefined
      ? flows.findLatestVersion(context.database, flow.id)
      : flows.findVersion(context.database, versionId)
  if (version === undefined || version.flowId !== flow.id) throw notFound('flow_version', versionId ?? flow.id)
  return version
}
