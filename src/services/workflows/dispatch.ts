import * as attempts from '../../db/queries/attempts.ts'
import * as queries from '../../db/queries/work.ts'
import type { StartOutcome } from './engine.ts'
import { failRun } from './settle.ts'
import type { WorkerContext } from './worker-context.ts'

/** Takes the next pending run, if any, and gives its id; its first attempt is written in the same transaction. */
export function claimNext(ctx: WorkerContext): Promise<string | undefined> {
  return ctx.transaction(async (tx) => {
    const run = await queries.claimNextExecution(tx)
    if (run) await attempts.insertAttempt(tx, run, run.attempt)
    return run?.id
  })
}

/**
 * Sends an attempt to the engine. `unreachable` leaves it to be sent again, `unclear` leaves it to be looked for:
 * an attempt that may have started is never sent a second time.
 */
export async function sendAttempt(ctx: WorkerContext, work: queries.WorkItem): Promise<StartOutcome['kind']> {
  const input = await ctx.read((tx) => queries.findInput(tx, work.id))
  const execution = { id: work.id, attempt: work.attempt }
  const payload = { execution, correlationId: correlationId(work), input: input ?? {}, files: [] }
  const outcome = await ctx.engine.start(work.flowId, payload)
  if (outcome.kind === 'refused') await failRun(ctx, work, 'rejected', `The run was not started: ${outcome.reason}.`)
  else if (outcome.kind !== 'accepted')
    ctx.log.warn({ executionId: work.id, reason: outcome.reason }, 'the start is not confirmed')
  return outcome.kind
}

/** The tag under which the engine's run of an attempt is found. */
export function correlationId(work: Pick<queries.WorkItem, 'id' | 'attempt'>): string {
  return `${work.id}:${work.attempt}`
}

/** Gives up an attempt of which the engine never showed a run, and writes the next one; false when another worker has done so. */
export async function retryLostStart(ctx: WorkerContext, work: queries.WorkItem): Promise<boolean> {
  return ctx.transaction(async (tx) => {
    await queries.lockExecution(tx, work.id)
    const endedAt = new Date(ctx.now()).toISOString()
    await attempts.updateAttempt(tx, work, { status: 'failed', error: 'the engine never showed a run of it', endedAt })
    return attempts.insertAttempt(tx, work, work.attempt + 1)
  })
}
