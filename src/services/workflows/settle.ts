import { z } from 'zod'
import { type Envelope, envelope } from '../../contracts/envelope.ts'
import type { failureKinds } from '../../contracts/executions.ts'
import type { Tx } from '../../db/client.ts'
import { updateAttempt } from '../../db/queries/attempts.ts'
import * as events from '../../db/queries/events.ts'
import * as queries from '../../db/queries/work.ts'
import { declaredEffects, recordEffects } from './effects/record.ts'
import type { EngineRun, EngineStep } from './engine.ts'
import type { WorkerContext } from './worker-context.ts'

type FailureKind = (typeof failureKinds)[number]

const told = z.object({ steps: z.array(z.object({ name: z.string(), title: z.string() })) })

/** Writes what is new about a run's steps as events, each once, and follows the engine into and out of pauses. */
export async function recordProgress(ctx: WorkerContext, work: queries.WorkItem, run: EngineRun): Promise<void> {
  await unlessEnded(ctx, work, async (tx) => {
    const known = await events.listToldSteps(tx, work)
    await events.insertEvents(tx, work, newStepEvents(work, run.steps, known))
    if (run.status === 'paused') await queries.moveExecution(tx, work.id, ['running'], { status: 'paused' })
    if (run.status === 'running') await queries.moveExecution(tx, work.id, ['paused'], { status: 'running' })
  })
}

/** Ends a run as the engine ended it: steps, result or reason, and the guarded move, all in one transaction. */
export async function settleRun(ctx: WorkerContext, work: queries.WorkItem, run: EngineRun): Promise<void> {
  await recordProgress(ctx, work, { ...run, status: 'running' })
  if (run.status === 'cancelled') return cancelRun(ctx, work)
  if (run.status === 'failed') return failRun(ctx, work, run.failure ?? 'engine_error', failureMessage(work, run))
  const result = envelope.safeParse(run.steps.find((step) => step.name === work.resultStep)?.output)
  if (!result.success) {
    ctx.log.warn({ executionId: work.id, issues: result.error.issues.slice(0, 5) }, 'the result is not an envelope')
    return failRun(
      ctx,
      work,
      'bad_output',
      'The workflow finished, but its result is not in the form that it promises; tell its author.',
    )
  }
  await succeed(ctx, work, result.data)
}

async function succeed(ctx: WorkerContext, work: queries.WorkItem, result: Envelope): Promise<void> {
  await unlessEnded(ctx, work, async (tx) => {
    const completedAt = new Date(ctx.now()).toISOString()
    const insights = result.insights.map((insight) => ({
      type: 'insight' as const,
      level: 'info' as const,
      message: insight.title,
      data: { insight },
    }))
    const ending = {
      status: 'succeeded' as const,
      outputData: result,
      insights: result.insights,
      minutesSaved: work.minutesSavedPerRun,
      completedAt,
    }
    await updateAttempt(tx, work, { status: 'succeeded', endedAt: completedAt })
    await events.insertEvents(tx, work, insights)
    await recordEffects(tx, work, declaredEffects(work.manifest), result.effects)
    await queries.moveExecution(tx, work.id, ['running'], ending)
  })
}

// Another worker may have ended the run since it was looked at: then there is nothing left to say.
async function unlessEnded(
  ctx: WorkerContext,
  work: queries.WorkItem,
  change: (tx: Tx) => Promise<void>,
): Promise<void> {
  await ctx.transaction(async (tx) => {
    const status = await queries.lockExecution(tx, work.id)
    if (status === 'running' || status === 'paused') await change(tx)
  })
}

export async function failRun(
  ctx: WorkerContext,
  work: queries.WorkItem,
  failureKind: FailureKind,
  reason: string,
): Promise<void> {
  await end(ctx, work, 'failed', { failureKind, errorMessage: reason.slice(0, 2000) })
}

export async function cancelRun(ctx: WorkerContext, work: queries.WorkItem): Promise<void> {
  await end(ctx, work, 'cancelled', {})
}

async function end(
  ctx: WorkerContext,
  work: queries.WorkItem,
  status: 'failed' | 'cancelled',
  reason: { failureKind?: FailureKind; errorMessage?: string },
): Promise<void> {
  await unlessEnded(ctx, work, async (tx) => {
    const completedAt = new Date(ctx.now()).toISOString()
    await updateAttempt(tx, work, { status, endedAt: completedAt, error: reason.errorMessage ?? null })
    await queries.moveExecution(tx, work.id, ['running', 'paused'], { status, completedAt, ...reason })
  })
}

function newStepEvents(work: queries.WorkItem, steps: EngineStep[], known: Set<string>) {
  return steps
    .filter((step) => !known.has(`${step.name}:${step.status}`))
    .map((step) => ({
      type: 'step' as const,
      level: step.status === 'failed' ? ('error' as const) : ('info' as const),
      message: `${titleOf(work, step.name)}: ${wording[step.status]}`,
      step: step.name,
      data: { status: step.status, attempt: work.attempt, durationMs: step.durationMs ?? null },
    }))
}

const wording = { running: 'under way', succeeded: 'done', failed: 'failed', paused: 'waiting' } satisfies Record<
  EngineStep['status'],
  string
>

function titleOf(work: queries.WorkItem, step: string): string {
  const steps = told.safeParse(work.manifest).data?.steps ?? []
  return steps.find((one) => one.name === step)?.title ?? plumbing[step] ?? step
}

/** Steps that every flow has and no template explains. */
const plumbing: Record<string, string> = {
  trigger: 'Take the input',
  tag_run: 'Mark the run',
  check_request: 'Check the request',
}

function failureMessage(work: queries.WorkItem, run: EngineRun): string {
  if (run.failedStep) return `${titleOf(work, run.failedStep.name)}: ${run.failedStep.message}`
  if (run.failure === 'timeout') return 'The run took longer than the engine allows.'
  if (run.failure === 'rejected')
    return 'The run needed more memory or wrote more output than the engine allows; try with less data.'
  if (run.failure === 'quota') return "The engine's own quota is used up; ask the operator."
  return 'The engine failed while it carried out the run; start it again.'
}
