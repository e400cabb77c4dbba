import type { EngineFailure, EngineRun, EngineStatus, EngineStep } from '../services/workflows/engine.ts'
import { toPausedStep, toWaitpoints } from './pauses.ts'
import { type RawRun, type RawStep, slice } from './schemas.ts'

const states: Record<string, { status: EngineStatus; failure?: EngineFailure }> = {
  QUEUED: { status: 'queued' },
  RUNNING: { status: 'running' },
  PAUSED: { status: 'paused' },
  SUCCEEDED: { status: 'succeeded' },
  CANCELED: { status: 'cancelled' },
  FAILED: { status: 'failed', failure: 'step_failed' },
  TIMEOUT: { status: 'failed', failure: 'timeout' },
  INTERNAL_ERROR: { status: 'failed', failure: 'engine_error' },
  QUOTA_EXCEEDED: { status: 'failed', failure: 'quota' },
  MEMORY_LIMIT_EXCEEDED: { status: 'failed', failure: 'rejected' },
  LOG_SIZE_EXCEEDED: { status: 'failed', failure: 'rejected' },
}

const stepStates: Record<string, EngineStep['status']> = {
  RUNNING: 'running',
  SUCCEEDED: 'succeeded',
  STOPPED: 'succeeded',
  FAILED: 'failed',
  PAUSED: 'paused',
}

/** Reads a flow run as the engine reports it; a state that it does not know counts as running. */
export function toEngineRun(raw: RawRun): EngineRun {
  const state = states[raw.status]
  const steps = Object.entries(raw.steps ?? {}).map(([name, step]) => toStep(name, step))
  return {
    id: raw.id,
    status: state?.status ?? 'running',
    failure: state?.failure,
    unknownState: state ? undefined : raw.status,
    steps,
    failedStep: toFailedStep(raw, steps),
    finishedAt: raw.finishTime ?? (isOver(state?.status) ? raw.updated : undefined) ?? undefined,
    pausedStep: toPausedStep(raw, steps),
    waitpoints: raw.status === 'PAUSED' ? toWaitpoints(raw.id, steps) : {},
  }
}

function isOver(status: EngineStatus | undefined): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled'
}

function toStep(name: string, raw: RawStep): EngineStep {
  return {
    name,
    status: stepStates[raw.status ?? ''] ?? 'running',
    durationMs: raw.duration ?? undefined,
    errorMessage: raw.errorMessage === undefined || raw.errorMessage === null ? undefined : readable(raw.errorMessage),
    input: raw.input,
    ...outputOf(raw),
  }
}

// The link to an output kept apart opens it for everybody: it is not passed on.
function outputOf(raw: RawStep): Pick<EngineStep, 'output' | 'outputSize'> {
  if (raw.outputType !== 'slice') return { output: raw.output }
  return { output: undefined, outputSize: slice.safeParse(raw.output).data?.size ?? 0 }
}

function toFailedStep(raw: RawRun, steps: EngineStep[]): EngineRun['failedStep'] {
  const failed = raw.failedStep
  if (!failed?.name) return undefined
  // The run's own message is cut at 700 characters; the step's is whole.
  const message = steps.find((step) => step.name === failed.name)?.errorMessage ?? readable(failed.message ?? '')
  return { name: failed.name, title: failed.displayName ?? failed.name, message }
}

/** The sentence in an error that may be plain text, JSON text, or JSON text cut off in the middle. */
export function readable(message: unknown): string {
  if (typeof message !== 'string') return readable(JSON.stringify(message))
  const found =
    parsedMessage(message) ??
    message
      .match(/"message"\s*:\s*"((?:[^"\\]|\\.)*)/)?.[1]
      ?.replaceAll('\\n', '\n')
      .replaceAll('\\"', '"')
  return (
    (found ?? message)
      .replace(/^(\w*Error: )+/, '')
      .split('\n    at ')[0]
      ?.trim() || 'no reason was given'
  )
}

function parsedMessage(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) return String(parsed.message)
    return undefined
  } catch {
    return undefined
  }
}
