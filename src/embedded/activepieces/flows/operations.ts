import { z } from 'zod'
import type { EngineContext } from '../context.ts'
import { DomainError, invalidRequest } from '../errors.ts'
import { newId } from '../ids.ts'
import { asText } from '../json.ts'
import { webhookPiece, webhookTrigger } from '../pieces/registry.ts'
import { timestamp } from '../settings.ts'
import { type Flow, type FlowVersion, findLatestVersion, saveVersion, updateFlow } from '../store/flows.ts'
import { importedTrigger } from './definition.ts'
import { isValidFlow, prepareTrigger } from './importing.ts'
import { currentSchemaVersion } from './migration.ts'

const status = z.enum(['ENABLED', 'DISABLED'])

const operation = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('IMPORT_FLOW'),
    request: z.object({
      displayName: z.string(),
      trigger: importedTrigger,
      schemaVersion: z.string().nullish(),
      notes: z.array(z.unknown()).nullish(),
    }),
  }),
  z.object({ type: z.literal('LOCK_AND_PUBLISH'), request: z.object({ status: status.optional() }) }),
  z.object({ type: z.literal('CHANGE_STATUS'), request: z.object({ status }) }),
  z.object({ type: z.literal('CHANGE_NAME'), request: z.object({ displayName: z.string() }) }),
  z.object({ type: z.literal('LOCK_FLOW'), request: z.looseObject({}) }),
  z.object({ type: z.literal('CHANGE_FOLDER'), request: z.object({ folderId: z.string().nullish() }) }),
  z.object({ type: z.literal('UPDATE_METADATA'), request: z.object({ metadata: z.unknown().optional() }) }),
])

const otherOperations = new Set(
  `MOVE_ACTION UPDATE_TRIGGER ADD_ACTION UPDATE_ACTION DELETE_ACTION DUPLICATE_ACTION USE_AS_DRAFT DELETE_BRANCH
  ADD_BRANCH DUPLICATE_BRANCH MOVE_BRANCH SET_SKIP_ACTION SAVE_SAMPLE_DATA UPDATE_SAMPLE_DATA_INFO UPDATE_MINUTES_SAVED
  UPDATE_OWNER ADD_NOTE UPDATE_NOTE DELETE_NOTE`.split(/\s+/),
)

type Operation = z.output<typeof operation>
type ImportRequest = Extract<Operation, { type: 'IMPORT_FLOW' }>['request']

/** The operation asked for; one the real server knows and this one does not is FLOW_OPERATION_INVALID. */
export function readOperation(body: unknown): Operation {
  const result = operation.safeParse(body)
  if (result.success) return result.data
  const type = z.object({ type: z.string() }).safeParse(body).data?.type ?? ''
  if (otherOperations.has(type)) {
    throw new DomainError('FLOW_OPERATION_INVALID', { message: `The embedded engine does not know ${type}` })
  }
  throw invalidRequest('body/ Invalid input')
}

export function applyOperation(context: EngineContext, flow: Flow, userId: string, asked: Operation): void {
  const now = timestamp(context.settings)
  switch (asked.type) {
    case 'IMPORT_FLOW':
      importFlow(context, flow, userId, asked.request)
      break
    case 'LOCK_AND_PUBLISH':
      publish(context, flow, userId, asked.request.status ?? 'ENABLED')
      break
    case 'CHANGE_STATUS':
      if (asked.request.status === 'ENABLED') requireTrigger(latest(context, flow))
      updateFlow(context.database, flow.id, { status: asked.request.status }, now)
      break
    case 'CHANGE_NAME':
      changeDraft(context, flow, userId, { displayName: asked.request.displayName })
      break
    case 'LOCK_FLOW':
      lock(context, latest(context, flow), userId)
      break
    case 'CHANGE_FOLDER':
      updateFlow(context.database, flow.id, { folderId: asked.request.folderId ?? null }, now)
      break
    case 'UPDATE_METADATA':
      updateFlow(context.database, flow.id, { metadata: asked.request.metadata ?? null }, now)
      break
  }
}

function importFlow(context: EngineContext, flow: Flow, userId: string, request: ImportRequest): void {
  const trigger = prepareTrigger(request.trigger, request.schemaVersion, timestamp(context.settings))
  const { displayName, notes } = request
  changeDraft(context, flow, userId, { displayName, trigger, valid: isValidFlow(trigger), notes: notes ?? [] })
}

/** Changes the draft; a flow whose newest version is locked gets a new draft from it. */
function changeDraft(context: EngineContext, flow: Flow, userId: string, change: Partial<FlowVersion>): void {
  const now = timestamp(context.settings)
  const newest = latest(context, flow)
  const draft = newest.state === 'DRAFT' ? newest : { ...newest, id: newId(), state: 'DRAFT' as const, created: now }
  const stamped = { schemaVersion: currentSchemaVersion, updatedBy: userId, updated: now }
  context.database.transaction(() => {
    saveVersion(context.database, { ...draft, ...change, ...stamped })
    updateFlow(context.database, flow.id, {}, now)
  })
}

/** Publishing comes before enabling: a version whose trigger cannot be enabled stays published, and the flow disabled. */
function publish(context: EngineContext, flow: Flow, userId: string, newStatus: Flow['status']): void {
  const version = latest(context, flow)
  const updated = timestamp(context.settings)
  context.database.transaction(() => {
    lock(context, version, userId)
    updateFlow(context.database, flow.id, { publishedVersionId: version.id }, updated)
  })
  requireTrigger(version)
  updateFlow(context.database, flow.id, { status: newStatus }, updated)
}

function lock(context: EngineContext, version: FlowVersion, userId: string): void {
  const updated = timestamp(context.settings)
  saveVersion(context.database, { ...version, state: 'LOCKED', updatedBy: userId, updated })
}

function requireTrigger(version: FlowVersion): void {
  const trigger = z.looseObject({ settings: z.looseObject({}).default({}) }).parse(version.trigger)
  const { pieceName, pieceVersion, triggerName } = trigger.settings
  if (pieceName === webhookPiece && triggerName === webhookTrigger) return
  const piece = `${asText(pieceName) || 'undefined'}@${asText(pieceVersion) || 'undefined'}`
  const message = `Trigger not found for piece ${piece}`
  throw new DomainError('ENTITY_NOT_FOUND', { entityType: 'piece_trigger', message, extra: {} })
}

function latest(context: EngineContext, flow: Flow): FlowVersion {
  const version = findLatestVersion(context.database, flow.id)
  if (version === undefined) throw new Error(`Flow ${flow.id} has no version`)
  return version
}
