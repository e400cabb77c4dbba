import { mostRetries } from '../../contracts/executions.ts'
import * as attempts from '../../db/queries/attempts.ts'
import { insertEvents } from '../../db/queries/events.ts'
import * as queries from '../../db/queries/work.ts'
import type { Engine, EngineRun } from './engine.ts'
import { deadlineFor, tellOf } from './progress.ts'
import { endingOf, endRun, type FailureKind, maskOf, unlessEnded } from './settle.ts'
import type { WorkerContext } from './worker-context.ts'

const longestReason = 2000

/** Reasons that lie with the engine and may be gone the next time. */
const transient: ReadonlySet<FailureKind> = new Set<FailureKind>(['engine_error', 'lost'])

/**
 * Ends an attempt that failed. A transient cause gets another attempt after a growing wait, as long as the run has tries
 * left; otherwise the run has failed. True when the run is over.
 */
export async function failAttempt(
  ctx: WorkerContext,
  work: queries.WorkItem,
  failure: { kind: FailureKind; reason: string; step?: string | undefined },
  run?: EngineRun,
): Promise<boolean> {
  if (!transient.has(failure.kind) || work.retryCount >= mostRetries) {
    await endRun(ctx, work, { status: 'failed', ...failure }, run)
    return true
  }
  const mask = await maskOf(ctx, work)
  await tryAgain(ctx, work, mask(failure.reason).slice(0, longestReason))
  return false
}

async function tryAgain(ctx: WorkerContext, work: queries.WorkItem, reason: string): Promise<void> {
  const waitMs = ctx.settings.retryDelayMs * 5 ** work.retryCount * (0.8 + 0.4 * Math.random())
  const now = ctx.now()
  const notBefore = new Date(now + waitMs).toISOString()
  await unlessEnded(ctx, work, async (tx) => {
    const next = { number: work.attempt + 1, integrationId: work.integrationId, notBefore }
    if (!(await attempts.insertAttempt(tx, work, next))) return
    await attempts.updateAttempt(tx, work, { status: 'failed', error: reason, endedAt: new Date(now).toISOString() })
    await queries.updateWork(tx, work.id, {
      retryCount: work.retryCount + 1,
      activepiecesRunId: null,
      deadlineAt: null,
    })
    const seconds = Math.max(1, Math.round(waitMs / 1000))
    const message = `Try ${work.attempt} of ${mostRetries + 1} ended: ${reason} The run is tried again in ${seconds} s.`
    await insertEvents(tx, work, [
      { type: 'log', level: 'warning', message, data: { attempt: work.attempt, notBefore } },
    ])
  })
}

/** What came of taking a failed run up again at its failed step; `restarted`: the engine keeps it no longer. */
export type Continuation = 'taken' | 'unclear' | 'unreachable' | 'restarted' | 'over'

/**
 * Asks the engine to take a failed run up again, after noting when it had ended: a later end is the new attempt's. One that
 * it goes on with or has finished, as when it was given up for its silence, only needs to be watched again.
 */
export async function continueRun(
  ctx: WorkerContext,
  engine: Engine,
  work: queries.WorkItem,
  runId: string,
): Promise<Continuation> {
  const isFirst = work.engineFinishedBefore === null
  if (isFirst) {
    const run = await engine.getRun(runId, work.resultStep)
    // Without any moment of the first end a second one could not be told from it.
    const end = run && endingOf(work, run)?.status
    const isBroken = end === 'failed' || end === 'cancelled'
    if (!run || (isBroken && !run.finishedAt)) return restart(ctx, work)
    const engineFinishedBefore = (isBroken && run.finishedAt) || new Date(0).toISOString()
    await ctx.write((tx) => attempts.updateAttempt(tx, work, { engineFinishedBefore }))
    if (!isBroken) return 'taken'
  }
  const outcome = await engine.retry(runId)
  if (outcome.kind === 'gone') return restart(ctx, work)
  if (outcome.kind === 'unreachable' && isFirst)
    await ctx.write((tx) => attempts.updateAttempt(tx, work, { engineFinishedBefore: null }))
  return outcome.kind === 'accepted' ? 'taken' : outcome.kind
}

// The attempt becomes one that starts the workflow anew.
async function restart(ctx: WorkerContext, work: queries.WorkItem): Promise<Continuation> {
  await tellOf(ctx, work, 'The engine no longer keeps what the run had done before; it starts from the beginning.')
  await ctx.transaction(async (tx) => {
    const notBefore = new Date(ctx.now()).toISOString()
    await attempts.updateAttempt(tx, work, { origin: work.attempt, engineRunId: null, notBefore })
    await queries.updateWork(tx, work.id, { activepiecesRunId: null, deadlineAt: deadlineFor(ctx, work) })
  })
  return 'restarted'
}
