import * as attempts from '../../db/queries/attempts.ts'
import type * as queries from '../../db/queries/work.ts'
import { hashOfToken, newToken } from '../tokens.ts'
import type { Engine, StartOutcome } from './engine.ts'
import { type Handed, handFilesOver } from './file-links.ts'
import { callbackTokenMark } from './masking.ts'
import { failRun } from './settle.ts'
import type { WorkerContext } from './worker-context.ts'

/**
 * Sends an attempt to the engine, marked as sent before it goes out: one that may have started is never sent a second time.
 * `unreachable` leaves it to be sent again, `unclear` leaves it to be looked for; undefined when another worker sends it.
 */
export async function sendAttempt(
  ctx: WorkerContext,
  engine: Engine,
  work: queries.WorkItem,
): Promise<StartOutcome | undefined> {
  const flowId = await flowIdOf(ctx, work)
  const token = `${callbackTokenMark}${newToken()}`
  const mark = { secretHash: hashOfToken(token), startedAt: new Date(ctx.now()).toISOString() }
  const input = await ctx.write((tx) => attempts.markSent(tx, work, mark))
  if (!input) return undefined
  const takeBack = () => {
    const notBefore = new Date(ctx.now()).toISOString()
    return ctx.write((tx) => attempts.markUnsent(tx, work, mark.secretHash, notBefore))
  }
  const handed = await filesFor(ctx, work).catch(async (error: unknown) => {
    await takeBack()
    throw error
  })
  if ('refusal' in handed) return refuse(ctx, work, handed.refusal)
  const outcome = await engine.start(flowId, {
    execution: { id: work.id, attempt: work.attempt },
    correlationId: correlationId(work),
    input,
    files: handed.files,
    callback: { url: `${ctx.settings.callbackUrl}/callbacks/activepieces/${work.id}`, token },
  })
  if (outcome.kind === 'refused') {
    await ctx.engines.forgetFlow(work.integrationId, work.templateId)
    return refuse(ctx, work, outcome.reason)
  }
  if (outcome.kind !== 'accepted')
    ctx.log.warn({ executionId: work.id, reason: outcome.reason }, 'the start is not confirmed')
  if (outcome.kind === 'unreachable') await takeBack()
  return outcome
}

// Only who has marked the attempt makes links, so that nobody's take the place of those that were sent.
async function filesFor(ctx: WorkerContext, work: queries.WorkItem): Promise<Handed> {
  return work.readsFiles ? await handFilesOver(ctx, work) : { files: [] }
}

async function refuse(ctx: WorkerContext, work: queries.WorkItem, reason: string): Promise<StartOutcome> {
  await failRun(ctx, work, 'rejected', `The run was not started: ${reason}.`)
  return { kind: 'refused', reason }
}

/** The flow that carries out the run's workflow at its engine. */
export function flowIdOf(ctx: WorkerContext, work: queries.WorkItem): Promise<string> {
  return ctx.engines.flowIdFor(work.integrationId, { id: work.templateId, platformFlowId: work.flowId })
}

/** The tag under which the engine's run of an attempt is found. */
export function correlationId(work: Pick<queries.WorkItem, 'id' | 'origin'>): string {
  return `${work.id}:${work.origin}`
}
