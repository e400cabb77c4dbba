import { resolveObject } from '../expressions.ts'
import type { PieceAction } from '../flows/definition.ts'
import type { JsonObject } from '../json.ts'
import type { PieceCall } from '../pieces/piece.ts'
import { findPieceFunction } from '../pieces/registry.ts'
import { timestamp } from '../settings.ts'
import { findRun, updateRun } from '../store/runs.ts'
import { insertWaitpoint } from '../store/waitpoints.ts'
import { attempt } from './attempts.ts'
import type { Execution, Outcome, ResumePayload } from './execution.ts'
import { serializeInput } from './journal.ts'
import type { Scope } from './scope.ts'

export async function runPieceStep(execution: Execution, action: PieceAction, scope: Scope): Promise<Outcome> {
  const { pieceName, pieceVersion, actionName } = action.settings
  const wasPaused = execution.journal.find(scope.prefix, action.name)?.status === 'PAUSED'
  const resume = wasPaused ? execution.takeResume() : undefined
  if (wasPaused && resume === undefined) return { kind: 'paused' }
  const input = await resolveObject(action.settings.input, execution.resolver(scope))
  const { shown } = serializeInput(input, execution.context.settings.limits)
  const record = execution.journal.begin(scope.prefix, action, shown)
  const step = { action, scope, record, isResumed: resume !== undefined }
  return attempt(execution, step, async () => {
    const run = findPieceFunction(pieceName, pieceVersion, actionName)
    return run(pieceCall(execution, scope.prefix + action.name, input, resume))
  })
}

function pieceCall(
  execution: Execution,
  step: string,
  input: JsonObject,
  resume: ResumePayload | undefined,
): PieceCall {
  const { context, run } = execution
  const { settings, database } = context
  return {
    input,
    resume,
    signal: execution.signal,
    limits: settings.limits,
    now: settings.now,
    addTag: (tag) => {
      const tags = findRun(database, run.id)?.tags ?? []
      if (!tags.includes(tag)) updateRun(database, run.id, { tags: [...tags, tag] }, timestamp(settings))
    },
    respond: (response) => context.responders.answer(run.id, response),
    createWaitpoint: (resumeAt) => {
      const kind = resumeAt === undefined ? 'WEBHOOK' : 'DELAY'
      const created = timestamp(settings)
      const id = insertWaitpoint(database, { runId: run.id, step, kind, resumeAt: resumeAt ?? null, created })
      return `${settings.origin}/api/v1/flow-runs/${run.id}/waitpoints/${id}`
    },
  }
}
