import type { EngineContext } from '../context.ts'
import { newId } from '../ids.ts'
import type { JsonObject } from '../json.ts'
import { timestamp } from '../settings.ts'
import { findFile, insertFile } from '../store/files.ts'
import { findFlow, findLatestVersion } from '../store/flows.ts'
import { enqueueRun, findRun, insertRun, type Run, updateRun } from '../store/runs.ts'
import { listSteps, type StepRecord, saveStep } from '../store/steps.ts'
import { showNewRun, showRun } from './presentation.ts'

export const retryStrategies = ['ON_LATEST_VERSION', 'FROM_FAILED_STEP'] as const

/** Puts a run in the queue again, in whatever state it is. */
export function retryRun(context: EngineContext, run: Run, strategy: (typeof retryStrategies)[number]): JsonObject {
  const result = strategy === 'FROM_FAILED_STEP' ? retryFromFailedStep(context, run) : retryOnLatest(context, run)
  context.wake()
  return result
}

function retryFromFailedStep(context: EngineContext, run: Run): JsonObject {
  const { database, settings, versions } = context
  const now = timestamp(settings)
  const patch = { status: 'QUEUED' as const, finishTime: null, startTime: now }
  database.transaction(() => {
    // A run that a worker holds goes on as it is: executing it a second time beside itself helps nobody.
    if (run.status === 'RUNNING' || run.status === 'QUEUED') return
    updateRun(database, run.id, patch, now)
    enqueueRun(database, run.id)
  })
  return showRun({ ...run, ...patch, updated: now }, versions.find(run.flowVersionId))
}

function retryOnLatest(context: EngineContext, run: Run): JsonObject {
  const { database, settings } = context
  const flow = findFlow(database, run.flowId)
  const published = flow?.publishedVersionId ?? undefined
  const flowVersionId = published ?? findLatestVersion(database, run.flowId)?.id ?? run.flowVersionId
  const created = timestamp(settings)
  const id = newId()
  const { projectId, flowId, environment, parentRunId, failParentOnFailure } = run
  database.transaction(() => {
    const origin = { projectId, flowId, environment, parentRunId, failParentOnFailure }
    insertRun(database, { id, flowVersionId, created, logBytes: 0, ...origin })
    const trigger = listSteps(database, run.id).find((step) => step.position === 0)
    if (trigger !== undefined) copyTrigger(context, trigger, id)
  })
  const made = findRun(database, id)
  return made === undefined ? {} : showNewRun(made)
}

function copyTrigger(context: EngineContext, trigger: StepRecord, runId: string): void {
  const { database } = context
  const file = trigger.outputFileId === null ? undefined : findFile(database, trigger.outputFileId)
  const outputFileId = file === undefined ? null : insertFile(database, file.data, file.mimeType, runId)
  saveStep(database, runId, { ...trigger, outputFileId })
}
