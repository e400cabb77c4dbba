import { z } from 'zod'
import type { Tx } from '../../db/client.ts'
import { insertEvents } from '../../db/queries/events.ts'
import * as queries from '../../db/queries/work.ts'
import type { Engine, EngineRun } from './engine.ts'
import { deadlineFor, waitpointOf } from './progress.ts'
import { unlessEnded } from './settle.ts'
import type { WorkerContext } from './worker-context.ts'

/** A person's answer to a pause, as the run keeps it until the engine has it. */
const pauseAnswer = z.object({
  decision: z.enum(['approve', 'reject']),
  comment: z.string().optional(),
  userId: z.uuid(),
})

const answeredBefore = 'The pause had been answered already.'

/**
 * Brings a person's answer to the engine. A pause takes one answer, so that one whose fate is `unclear` is sent again; it
 * stays `untaken` where the pause was answered otherwise or takes none.
 */
export async function answerPause(
  ctx: WorkerContext,
  work: queries.WorkItem,
  engine: Engine,
  run: EngineRun,
): Promise<'taken' | 'untaken' | 'unclear'> {
  // The run has come to another pause since, about which nobody was asked.
  if ((run.pausedStep?.name ?? '') !== work.waitingStep) return settle(ctx, work, answeredBefore)
  const answer = pauseAnswer.parse(work.answer)
  const waitpoint = waitpointOf(run)
  if (!waitpoint) return settle(ctx, work, 'This pause cannot be answered from here.')
  const outcome = await engine.resume(run.id, waitpoint, {
    action: answer.decision === 'approve' ? 'approve' : 'disapprove',
    body: answer.comment ? { comment: answer.comment } : {},
  })
  if (outcome.kind === 'unclear' || outcome.kind === 'unreachable') return 'unclear'
  if (outcome.kind === 'stale') return settle(ctx, work, answeredBefore)
  const said = answer.decision === 'approve' ? 'approved' : 'rejected'
  await settle(ctx, work, `The pause was answered: ${said}.`, async (tx) => {
    // The next pause, should there be one, takes an answer of its own.
    const deadlineAt = deadlineFor(ctx, work)
    await queries.moveExecution(tx, work.id, ['paused'], { status: 'running', deadlineAt })
  })
  return 'taken'
}

async function settle(
  ctx: WorkerContext,
  work: queries.WorkItem,
  message: string,
  goOn?: (tx: Tx) => Promise<void>,
): Promise<'untaken'> {
  await unlessEnded(ctx, work, async (tx) => {
    const data = { attempt: work.attempt, answer: work.answer }
    await insertEvents(tx, work, [{ type: 'log', level: 'info', message, data }])
    await queries.updateWork(tx, work.id, { answer: null })
    await goOn?.(tx)
  })
  return 'untaken'
}
