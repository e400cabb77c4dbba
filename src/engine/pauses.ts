import type { EngineRun, EngineStep } from '../services/workflows/engine.ts'
import { delayInput, type RawRun } from './schemas.ts'

const unitMs: Record<string, number> = { seconds: 1000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 }

/** The step at which a run waits; with a moment where the step is a delay, which nobody has to answer. */
export function toPausedStep(raw: RawRun, steps: EngineStep[]): EngineRun['pausedStep'] {
  const step = steps.find((one) => one.status === 'paused')
  if (raw.status !== 'PAUSED' || !step) return undefined
  const resumesAt = raw.pauseMetadata?.resumeDateTime ?? endOfDelay(step.input, raw.updated)
  return { name: step.name, ...(resumesAt ? { resumesAt } : {}) }
}

// The engine shows no moment (ACTIVEPIECES.md, section 2); the delay's own input and the time of its pause make one.
function endOfDelay(input: unknown, pausedAt: string | null | undefined): string | undefined {
  const delay = delayInput.safeParse(input).data
  if (!delay) return undefined
  const span = Number(delay.delayFor) * (unitMs[delay.unit ?? 'seconds'] ?? Number.NaN)
  const until = delay.delayUntilTimestamp ?? Date.parse(pausedAt ?? '') + span
  const moment = new Date(until)
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString()
}

/**
 * The waitpoints of a paused run, by the step whose output holds a link to one: of the paused step and those before it,
 * in their order. The engine tells them nowhere else (ACTIVEPIECES.md, section 2, "pause").
 */
export function toWaitpoints(runId: string, steps: EngineStep[]): Record<string, string> {
  const paused = steps.findIndex((step) => step.status === 'paused')
  const reached = paused === -1 ? steps : steps.slice(0, paused + 1)
  const link = new RegExp(`/flow-runs/${runId}/waitpoints/([0-9A-Za-z]{21})(?![0-9A-Za-z])`)
  const found = reached.flatMap((step) => {
    const id = textsOf(step.output)
      .map((text) => link.exec(text)?.[1])
      .findLast((one) => one !== undefined)
    return id === undefined ? [] : [[step.name, id] as const]
  })
  return Object.fromEntries(found)
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsOf)
}
