import { setTimeout as sleep } from 'node:timers/promises'
import type { CodeAction, PieceAction } from '../flows/definition.ts'
import type { PieceResult } from '../pieces/piece.ts'
import { timestamp } from '../settings.ts'
import type { StepRecord } from '../store/steps.ts'
import { type Execution, next, type Outcome } from './execution.ts'
import { errorText, RunAborted, shortErrorText } from './faults.ts'
import type { StepEnd } from './journal.ts'
import type { Scope } from './scope.ts'

// STOPPED is shown as SUCCEEDED; on record it keeps a restarted run from going past its end.
const stepStatuses = { output: 'SUCCEEDED', stop: 'STOPPED', pause: 'PAUSED' } as const

interface Step {
  action: CodeAction | PieceAction
  scope: Scope
  record: StepRecord
  /** Set when the step finishes what a resumed run was paused on. */
  isResumed?: boolean
}

/** Does a step's work, again where the step says so, and records how it ended. */
export async function attempt(execution: Execution, step: Step, work: () => Promise<PieceResult>): Promise<Outcome> {
  const started = performance.now()
  const duration = () => performance.now() - started
  try {
    const result = await withRetries(execution, step, work)
    return succeed(execution, step, result, duration())
  } catch (error) {
    if (execution.signal.aborted) throw error
    const errorMessage = errorText(error)
    record(execution, step, { status: 'FAILED', errorMessage, duration: duration() })
    if (error instanceof RunAborted) throw error
    step.scope.set(step.action.name, { type: step.action.type, status: 'FAILED', errorMessage })
    if (step.action.settings.errorHandlingOptions?.continueOnFailure?.value === true) return next
    const { name, displayName } = step.action
    return { kind: 'failed', step: { name, message: shortErrorText(errorMessage), displayName } }
  }
}

async function withRetries(execution: Execution, step: Step, work: () => Promise<PieceResult>): Promise<PieceResult> {
  const { retryAttempts, retryBaseMs } = execution.context.settings.limits
  const isRetried = step.action.settings.errorHandlingOptions?.retryOnFailure?.value === true
  for (let failures = 0; ; failures += 1) {
    try {
      return await work()
    } catch (error) {
      const isLast = !isRetried || failures + 1 >= retryAttempts || error instanceof RunAborted
      if (isLast || execution.signal.aborted) throw error
      await sleep(retryBaseMs * 2 ** failures, undefined, { signal: execution.signal })
    }
  }
}

function succeed(execution: Execution, step: Step, result: PieceResult, duration: number): Outcome {
  const status = stepStatuses[result.kind]
  record(execution, step, { status, output: result.output, duration })
  execution.stepsCount += 1
  step.scope.set(step.action.name, { type: step.action.type, status, output: result.output })
  if (result.kind === 'pause') return { kind: 'paused' }
  return result.kind === 'stop' ? { kind: 'stopped' } : next
}

function record(execution: Execution, step: Step, end: StepEnd): void {
  const { journal, context } = execution
  if (step.isResumed === true) journal.finishResumed(step.record, end, timestamp(context.settings))
  else journal.finish(step.record, end)
}
