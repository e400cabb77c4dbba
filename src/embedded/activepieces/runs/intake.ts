import type { RunContext } from '../context.ts'
import { newId } from '../ids.ts'
import { timestamp } from '../settings.ts'
import type { Database } from '../store/database.ts'
import { bindFile, findFileSize } from '../store/files.ts'
import { findFlow } from '../store/flows.ts'
import { type Delivery, deleteDelivery, listDeliveries } from '../store/inbox.ts'
import { insertRun } from '../store/runs.ts'
import { saveStep } from '../store/steps.ts'

const batch = 50

/** Turns accepted calls into queued runs, oldest first; tells whether there were any. */
export function takeDeliveries(context: RunContext): boolean {
  const { database } = context
  const deliveries = listDeliveries(database, batch)
  if (deliveries.length === 0) return false
  database.transaction(() => {
    for (const delivery of deliveries) {
      createRun(context, delivery)
      deleteDelivery(database, delivery.seq)
    }
  })
  return true
}

/** Creates the queued run of a delivery with its trigger on record; undefined when the flow is gone. */
export function createRun(context: RunContext, delivery: Omit<Delivery, 'seq'>): string | undefined {
  const { database, settings } = context
  const flow = findFlow(database, delivery.flowId)
  const version = context.versions.find(delivery.flowVersionId)
  if (flow === undefined || version === undefined) return undefined
  const id = newId()
  const created = timestamp(settings)
  const { environment, parentRunId, flowId, flowVersionId } = delivery
  const { projectId } = flow
  insertRun(database, {
    id,
    projectId,
    flowId,
    flowVersionId,
    environment,
    parentRunId,
    failParentOnFailure: false,
    logBytes: payloadSize(database, delivery),
    created,
  })
  recordTrigger(database, id, readTriggerName(context, flowVersionId), delivery)
  return id
}

type Payload = Pick<Delivery, 'payload' | 'payloadFileId'>

function payloadSize(database: Database, { payload, payloadFileId }: Payload): number {
  return payloadFileId === null ? Buffer.byteLength(payload ?? '') : findFileSize(database, payloadFileId)
}

function recordTrigger(database: Database, runId: string, name: string, { payload, payloadFileId }: Payload): void {
  if (payloadFileId !== null) bindFile(database, payloadFileId, runId)
  saveStep(database, runId, {
    scope: '',
    name,
    position: 0,
    type: 'PIECE_TRIGGER',
    status: 'SUCCEEDED',
    input: '{}',
    output: payload,
    outputFileId: payloadFileId,
    duration: null,
    errorMessage: null,
  })
}

function readTriggerName(context: RunContext, flowVersionId: string): string {
  try {
    return context.versions.trigger(flowVersionId).name
  } catch {
    return 'trigger'
  }
}
