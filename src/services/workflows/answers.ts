import { z } from 'zod'
import { insertEvents } from '../../db/queries/events.ts'
import * as queries from '../../db/queries/work.ts'
import type { Engine, EngineRun } from './engine.ts'
import type { Look } from './look.ts'
import { waitpointOf } from './progress.ts'
import { unlessEnded } from './settle.ts'
import type { WorkerContext } from './worker-context.ts'

/** A person's answer to a pause, as the run keeps it until the engine has it. */
const pauseAnswer = z.object({
  decision: z.enum(['approve', 'reject']),
  comment: z.string().optional(),
  userId: z.uuid(),
})

/** Brings a person's answer to the engine. A pause takes one answer, so that one whose fate is unknown is sent again. */
export async function answerPause(
  ctx: WorkerContext,
  work: queries.WorkItem,
  engine: Engine,
  run: EngineRun,
): Promise<Look> {
  const answer = pauseAnswer.parse(work.answer)
  const waitpoint = waitpointOf(run)
  if (!waitpoint) return settleAnswer(ctx, work, 'This pause cannot be answered from here.')
  const outcome = await engine.resume(run.id, waitpoint, {
    action: answer.decision === 'approve' ? 'approve' : 'disapprove',
    body: answer.comment ? { comment: answer.comment } : {},
  })
  if (outcome.kind === 'unclear' || outcome.kind === 'unreachable') return 'same'
  const said = answer.decision === 'approve' ? 'The pause was answered: approved.' : 'The pause was answered: rejected.'
  return settleAnswer(ctx, work, outcome.kind === 'taken' ? said : 'The pause had been answered already.')
}

async function settleAnswer(ctx: WorkerContext, work: queries.WorkItem, message: string): Promise<Look> {
  await unlessEnded(ctx, work, async (tx) => {
    const data = { attempt: work.attempt, answer: work.answer }
    await insertEvents(tx, work, [{ type: 'log', level: 'info', message, data }])
    await queries.updateWork(tx, work.id, { answer: null })
  })
  return 'moved'
}
