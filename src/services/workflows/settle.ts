import { type Envelope, envelope, type Insight } from '../../contracts/envelope.ts'
import type { failureKinds, WaitingFor } from '../../contracts/executions.ts'
import type { Tx } from '../../db/client.ts'
import * as events from '../../db/queries/events.ts'
import * as queries from '../../db/queries/work.ts'
import { withoutContents } from './effects/contents.ts'
import { judgeEffects } from './effects/record.ts'
import { effectEvent } from './effects/telling.ts'
import type { EngineRun } from './engine.ts'
import { unkeepable } from './keepable.ts'
import { hideLinks, type Mask, maskFor } from './masking.ts'
import { failureMessage, newStepEvents } from './step-events.ts'
import type { WorkerContext } from './worker-context.ts'

export type FailureKind = (typeof failureKinds)[number]

/** How a run ended, as far as anybody can tell from the engine or from the flow's own word. */
export type Ending =
  | { status: 'succeeded'; output: unknown }
  | { status: 'cancelled' }
  | { status: 'failed'; kind: FailureKind; reason: string; step?: string | undefined }

/** What an engine's run that is over means for ours; undefined while it is not over. */
export function endingOf(work: queries.WorkItem, run: EngineRun): Ending | undefined {
  if (run.status === 'cancelled') return { status: 'cancelled' }
  if (run.status === 'succeeded') {
    return { status: 'succeeded', output: run.steps.find((step) => step.name === work.resultStep)?.output }
  }
  if (run.status !== 'failed') return undefined
  const kind = run.failure ?? 'engine_error'
  return { status: 'failed', kind, reason: failureMessage(work, run), step: run.failedStep?.name }
}

/** Ends a run: its last steps, result or reason, effects and the guarded move, all in one statement. */
export async function endRun(
  ctx: WorkerContext,
  work: queries.WorkItem,
  ending: Ending,
  run?: EngineRun,
): Promise<void> {
  const mask = await maskOf(ctx, work)
  const steps = run ? newStepEvents(work, run.steps, new Set(), mask) : []
  const checked = ending.status === 'succeeded' ? checkOutput(ctx, work, ending.output) : ending
  const common = { completedAt: new Date(ctx.now()).toISOString(), engineRunId: run?.id ?? work.engineRunId }
  const end =
    'envelope' in checked
      ? success(work, checked.envelope, { common, mask })
      : { ending: { ...common, ...failure(checked, mask) }, told: [], effects: [] }
  await ctx.write((tx) => queries.endExecution(tx, work, { ...end, told: [...steps, ...end.told] }))
}

function success(
  work: queries.WorkItem,
  outputData: Envelope,
  { common, mask }: { common: { completedAt: string; engineRunId: string | null }; mask: Mask },
) {
  const effects = judgeEffects(work.declaredEffects, outputData.effects)
  return {
    ending: {
      ...common,
      status: 'succeeded' as const,
      outputData: withoutContents(outputData),
      minutesSaved: work.minutesSavedPerRun,
    },
    told: [
      ...outputData.insights.map((insight) => insightEvent(insight, mask)),
      ...effects.map((effect) =>
        effectEvent({ ...effect, ...mask.made({ kind: effect.kind, reason: effect.reason }) }),
      ),
    ],
    effects,
  }
}

// Only what people read of it: the rest are names that programs know.
function insightEvent(told: Insight, { made }: Mask) {
  const { title, finding, computation, action } = told
  const figures = told.figures.map((figure) => ({ ...figure, ...made({ label: figure.label, value: figure.value }) }))
  const insight = { ...told, ...made({ title, finding, computation, action }), figures }
  return { type: 'insight' as const, level: 'info' as const, message: insight.title, data: { insight } }
}

function failure(ending: Exclude<Ending, { status: 'succeeded' }>, mask: Mask) {
  if (ending.status === 'cancelled') return { status: ending.status }
  return {
    status: ending.status,
    failureKind: ending.kind,
    errorMessage: mask(ending.reason).slice(0, 2000),
    failedStep: ending.step?.slice(0, 100) ?? null,
  }
}

/** Fails a run for a reason that is not the engine's. */
export function failRun(ctx: WorkerContext, work: queries.WorkItem, kind: FailureKind, reason: string): Promise<void> {
  return endRun(ctx, work, { status: 'failed', kind, reason })
}

/** Writes what is new about a run's steps as events, each once. */
export async function tellSteps(tx: Tx, work: queries.WorkItem, run: EngineRun, mask: Mask): Promise<void> {
  const told = await events.findToldSteps(tx, work)
  await events.insertEvents(tx, work, newStepEvents(work, run.steps, told, mask))
}

/** What has to be hidden in whatever is told of a run. */
export async function maskOf(ctx: WorkerContext, work: queries.WorkItem): Promise<Mask> {
  if (!work.hasSensitiveInput && !work.readsFiles) return hideLinks
  const found = await ctx.read((tx) => queries.findInput(tx, work.id))
  return found ? maskFor(found.inputSchema, found.input) : hideLinks
}

// Another worker may have ended the run since it was looked at, or tried it again: then there is nothing left to say of it.
export async function unlessEnded(
  ctx: WorkerContext,
  work: queries.WorkItem,
  change: (tx: Tx, now: { status: 'running' | 'paused'; waitingFor: WaitingFor | null }) => Promise<void>,
): Promise<void> {
  await ctx.transaction(async (tx) => {
    const now = await queries.lockExecution(tx, work.id)
    if (now?.retryCount !== work.retryCount) return
    const { status, waitingFor } = now
    if (status === 'running' || status === 'paused') await change(tx, { status, waitingFor })
  })
}

function checkOutput(
  ctx: WorkerContext,
  work: queries.WorkItem,
  output: unknown,
): { envelope: Envelope } | Exclude<Ending, { status: 'succeeded' }> {
  const result = envelope.safeParse(output)
  const faults = result.success ? unkeepable(result.data, 'output').take(5).toArray() : result.error.issues.slice(0, 5)
  if (result.success && faults.length === 0) return { envelope: result.data }
  ctx.log.warn({ executionId: work.id, places: faults.map(({ path }) => path) }, 'the result is not an envelope')
  const reason = 'The workflow finished, but its result is not in the form that it promises; tell its author.'
  return { status: 'failed', kind: 'bad_output', reason, step: work.resultStep }
}
