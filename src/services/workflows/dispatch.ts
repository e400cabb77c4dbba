import { createHash, randomBytes } from 'node:crypto'
import * as attempts from '../../db/queries/attempts.ts'
import * as claims from '../../db/queries/claims.ts'
import * as queries from '../../db/queries/work.ts'
import type { Engine, StartOutcome } from './engine.ts'
import { handFilesOver } from './file-links.ts'
import { failRun } from './settle.ts'
import type { WorkerContext } from './worker-context.ts'

/** A run just taken, and the secret under which its flow may call back. */
export interface ClaimedRun {
  id: string
  secret: string
}

/** Takes up to `most` waiting runs, in the order in which they are to start. */
export async function claimRuns(ctx: WorkerContext, most: number): Promise<ClaimedRun[]> {
  const secrets = Array.from({ length: most }, newSecret)
  const ids = await ctx.transaction((tx) =>
    claims.claimRuns(tx, ctx.workerId, { most, ...ctx.settings }, secrets.map(hashOf)),
  )
  return ids.map((id, place) => ({ id, secret: secrets[place] ?? '' }))
}

/**
 * Sends an attempt to the engine. `unreachable` leaves it to be sent again, `unclear` leaves it to be looked for:
 * an attempt that may have started is never sent a second time.
 */
export async function sendAttempt(
  ctx: WorkerContext,
  engine: Engine,
  work: queries.WorkItem,
  secret: string,
): Promise<StartOutcome> {
  const flowId = await flowIdOf(ctx, work)
  const handed = work.readsFiles ? await handFilesOver(ctx, work) : { files: [] }
  if ('refusal' in handed) return refuse(ctx, work, handed.refusal)
  const found = await ctx.read((tx) => queries.findInput(tx, work.id))
  const outcome = await engine.start(flowId, {
    execution: { id: work.id, attempt: work.attempt },
    correlationId: correlationId(work),
    input: found?.input ?? {},
    files: handed.files,
    callback: { url: `${ctx.settings.callbackUrl}/callbacks/activepieces/${work.id}`, token: secret },
  })
  if (outcome.kind === 'refused') {
    await ctx.engines.forgetFlow(work.integrationId, work.templateId)
    return refuse(ctx, work, outcome.reason)
  }
  if (outcome.kind !== 'accepted')
    ctx.log.warn({ executionId: work.id, reason: outcome.reason }, 'the start is not confirmed')
  return outcome
}

async function refuse(ctx: WorkerContext, work: queries.WorkItem, reason: string): Promise<StartOutcome> {
  await failRun(ctx, work, 'rejected', `The run was not started: ${reason}.`)
  return { kind: 'refused', reason }
}

/** Makes an attempt that was put off ready to be sent, under a new secret: from now on it may have been. */
export async function readyAttempt(ctx: WorkerContext, work: queries.WorkItem): Promise<string> {
  const secret = newSecret()
  await ctx.transaction((tx) =>
    attempts.updateAttempt(tx, work, {
      notBefore: null,
      startedAt: new Date(ctx.now()).toISOString(),
      callbackSecretHash: hashOf(secret),
    }),
  )
  return secret
}

/** The flow that carries out the run's workflow at its engine. */
export function flowIdOf(ctx: WorkerContext, work: queries.WorkItem): Promise<string> {
  return ctx.engines.flowIdFor(work.integrationId, { id: work.templateId, platformFlowId: work.flowId })
}

/** The tag under which the engine's run of an attempt is found. */
export function correlationId(work: Pick<queries.WorkItem, 'id' | 'origin'>): string {
  return `${work.id}:${work.origin}`
}

/** What the database keeps of a secret. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function newSecret(): string {
  return randomBytes(32).toString('base64url')
}
