import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isTriggerAuthentic } from '../auth/trigger-auth.ts'
import type { EngineContext } from '../context.ts'
import { requestBody } from '../http/bodies.ts'
import { check, id } from '../http/validation.ts'
import { readWebhookCall, type WebhookCall } from '../http/webhook-payload.ts'
import { newId } from '../ids.ts'
import { createRun } from '../runs/intake.ts'
import { timestamp } from '../settings.ts'
import { insertFile } from '../store/files.ts'
import { type Flow, type FlowVersion, findFlow, findLatestVersion } from '../store/flows.ts'
import { type Delivery, insertDelivery, takeDedupeKey } from '../store/inbox.ts'
import { sendFlowResponse } from './flow-response.ts'

const params = z.object({ flowId: id })
const longestParentId = 21
const signedPayload = z.looseObject({ headers: z.record(z.string(), z.unknown()).default({}) })

type Mode = { isSync: boolean; isDraft: boolean }

export function webhookRoutes(server: FastifyInstance, context: EngineContext): void {
  const route = (path: string, mode: Mode) =>
    server.all(`/webhooks/:flowId${path}`, (request, reply) => receive(context, request, reply, mode))
  route('', { isSync: false, isDraft: false })
  route('/sync', { isSync: true, isDraft: false })
  route('/draft', { isSync: false, isDraft: true })
  route('/draft/sync', { isSync: true, isDraft: true })

  server.all('/webhooks/:flowId/test', async (request, reply) => {
    const { flowId } = check(params, request.params, 'params')
    reply.header('x-webhook-id', newId())
    return reply.status(findFlow(context.database, flowId) === undefined ? 410 : 200).send({})
  })
}

async function receive(context: EngineContext, request: FastifyRequest, reply: FastifyReply, mode: Mode) {
  const { flowId } = check(params, request.params, 'params')
  reply.header('x-webhook-id', newId())
  if ((requestBody(request.body)?.bytes.length ?? 0) > context.settings.limits.webhookPayloadBytes) {
    return reply.status(413).send({ message: 'Payload too large' })
  }
  const flow = findFlow(context.database, flowId)
  if (flow === undefined) return reply.status(410).send({})
  if (!mode.isDraft && flow.status === 'DISABLED') return reply.status(404).send({})
  const version = findVersionToRun(context, flow, mode)
  if (version === undefined) return reply.status(404).send({})
  const call = await readWebhookCall(context, request)
  const parentRunId = request.headers['ap-parent-run-id']
  const accepted = { flow, version, call, parentRunId: typeof parentRunId === 'string' ? parentRunId : null, mode }
  return mode.isSync ? answer(context, reply, accepted) : accept(context, reply, accepted)
}

interface AcceptedCall {
  flow: Flow
  version: FlowVersion
  call: WebhookCall
  parentRunId: string | null
  mode: Mode
}

/** Keeps the call and answers at once; a call that starts nothing gets the same answer. */
function accept(context: EngineContext, reply: FastifyReply, accepted: AcceptedCall) {
  const { flow, call, mode } = accepted
  if ((!mode.isDraft || flow.status === 'ENABLED') && isAuthentic(accepted) && !isLost(accepted)) {
    const { database, settings } = context
    database.transaction(() => {
      const key = call.dedupeKey
      const { dedupeMs } = settings.limits
      if (key !== undefined && !takeDedupeKey(database, flow.id, key, settings.now(), dedupeMs)) return
      insertDelivery(database, delivery(context, accepted, true))
    })
    context.wake()
  }
  return reply.status(200).send({})
}

/** Waits for the run to answer. The trigger's authentication does not stop it: the flow runs without a trigger output. */
async function answer(context: EngineContext, reply: FastifyReply, accepted: AcceptedCall) {
  const { webhookTimeoutMs } = context.settings.limits
  const arrived = delivery(context, accepted, isAuthentic(accepted))
  const runId = isLost(accepted) ? undefined : context.database.transaction(() => createRun(context, arrived))
  const response = context.responders.wait(runId ?? newId(), webhookTimeoutMs)
  context.wake()
  return sendFlowResponse(reply, await response)
}

function delivery(context: EngineContext, accepted: AcceptedCall, isPayloadKept: boolean): Omit<Delivery, 'seq'> {
  const { flow, version, call, parentRunId, mode } = accepted
  const text = isPayloadKept ? JSON.stringify(call.payload) : null
  const isLarge = text !== null && text.length > context.settings.limits.sliceBytes
  return {
    flowId: flow.id,
    flowVersionId: version.id,
    environment: mode.isDraft ? 'TESTING' : 'PRODUCTION',
    parentRunId,
    payload: isLarge ? null : text,
    payloadFileId: isLarge ? insertFile(context.database, Buffer.from(text), 'application/json', null) : null,
    created: timestamp(context.settings),
  }
}

/** A parent id that does not fit its column costs the run its row. */
function isLost(accepted: AcceptedCall): boolean {
  return (accepted.parentRunId?.length ?? 0) > longestParentId
}

function isAuthentic({ version, call }: AcceptedCall): boolean {
  const { headers } = signedPayload.parse(call.payload)
  return isTriggerAuthentic(version.trigger, { headers, rawBody: call.rawBody })
}

function findVersionToRun(context: EngineContext, flow: Flow, mode: Mode): FlowVersion | undefined {
  if (mode.isDraft || flow.publishedVersionId === null) return findLatestVersion(context.database, flow.id)
  return context.versions.find(flow.publishedVersionId)
}
