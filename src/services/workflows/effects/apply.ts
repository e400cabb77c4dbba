import type { EffectOutcome, EffectResult } from '../../../contracts/effects.ts'
import type { Tx } from '../../../db/client.ts'
import * as queries from '../../../db/queries/effects.ts'
import { insertEvents } from '../../../db/queries/events.ts'
import { DomainError, type ErrorCode } from '../../../errors.ts'
import type { WorkerContext } from '../worker-context.ts'
import { ruleOf } from './registry.ts'
import { whyNot } from './standing.ts'
import { effectEvent } from './telling.ts'

/** Codes by which the rule or the database says that a change is not possible; any other error is unexpected. */
const refusals: ErrorCode[] = ['BAD_REQUEST', 'CONFLICT', 'NOT_FOUND', 'PRECONDITION_FAILED', 'QUOTA_EXCEEDED']

const longestReason = 2000
const mostTries = 5
const givenUp = `This did not work in ${mostTries} tries and is given up; the operator finds the reason in the log.`

type Applier = Pick<WorkerContext, 'transaction' | 'now' | 'log'>

interface Ending {
  outcome: EffectOutcome
  reason?: string
  result?: EffectResult
  appliedAt?: string
  attempts?: number
}

/**
 * Applies the next effect that waits, with the rights that the person who started its run has at this moment: the change,
 * what is recorded of it, and its event in one transaction. False when none waits.
 */
export async function applyEffects(ctx: Applier): Promise<boolean> {
  const held: { effect?: queries.TakenEffect | undefined } = {}
  try {
    return await ctx.transaction(async (tx) => {
      held.effect = await queries.takeEffect(tx)
      if (held.effect) await conclude(tx, held.effect, await carryOut(ctx, tx, held.effect))
      return held.effect !== undefined
    })
  } catch (error) {
    if (!held.effect) throw error
    await afterFault(ctx, held.effect, error)
    // The next try is left to the next turn: the database may need a moment.
    if (error instanceof DomainError && error.code === 'UNAVAILABLE') throw error
    return true
  }
}

async function carryOut(ctx: Applier, tx: Tx, { run, ordinal, ...effect }: queries.TakenEffect): Promise<Ending> {
  const rule = ruleOf(effect.kind)
  // What was written down by another version may not be known to this one.
  const fault = rule ? rule.faultOf(effect.arguments) : 'There is no such kind of effect any more.'
  const reason = fault ?? (rule && (await whyNot(tx, run, rule.role)))
  if (!rule || reason) return { outcome: 'refused', ...(reason && { reason }) }
  await queries.actInNameOf(tx, run.userId)
  const place = { companyId: run.companyId, studioId: run.studioId, executionId: run.id, ordinal }
  const change = await rule.apply(tx, place, effect.arguments)
  const appliedAt = new Date(ctx.now()).toISOString()
  return { outcome: 'applied', result: { ...change, userId: run.userId }, appliedAt }
}

// The change has been rolled back: what is left is to say so, or to count the try.
async function afterFault(ctx: Applier, effect: queries.TakenEffect, error: unknown): Promise<void> {
  if (error instanceof DomainError && refusals.includes(error.code)) {
    const ending: Ending = { outcome: 'refused', reason: error.message }
    return ctx.transaction((tx) => conclude(tx, effect, ending))
  }
  const details = { err: error, executionId: effect.run.id, ordinal: effect.ordinal, kind: effect.kind }
  ctx.log.warn(details, 'an effect of a run could not be applied')
  const attempts = effect.attempts + 1
  const isLast = attempts >= mostTries
  const ending: Ending = isLast ? { outcome: 'failed', reason: givenUp, attempts } : { outcome: 'waiting', attempts }
  await ctx.transaction((tx) => conclude(tx, effect, ending))
}

async function conclude(tx: Tx, effect: queries.TakenEffect, { reason, ...rest }: Ending): Promise<void> {
  const ending = { ...rest, reason: reason?.slice(0, longestReason) ?? null }
  const isOurs = await queries.updateEffect(tx, effect, ending)
  // The change would stand without its record, and be made again.
  if (!isOurs && ending.outcome === 'applied') throw new Error('an effect was taken by two workers at once')
  if (!isOurs || ending.outcome === 'waiting') return
  const { ordinal, kind } = effect
  await queries.passTurn(tx, effect.run)
  await insertEvents(tx, effect.run, [effectEvent({ ordinal, kind, ...ending })])
}
