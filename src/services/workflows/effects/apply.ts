import type { EffectOutcome, EffectResult } from '../../../contracts/effects.ts'
import type { Tx } from '../../../db/client.ts'
import * as queries from '../../../db/queries/effects.ts'
import { insertEvents } from '../../../db/queries/events.ts'
import { hastenRemoval } from '../../../db/queries/file-removals.ts'
import { DomainError, type ErrorCode } from '../../../errors.ts'
import type { WorkerContext } from '../worker-context.ts'
import { withoutContent } from './contents.ts'
import { ruleOf } from './registry.ts'
import type { StoredContent } from './rule.ts'
import { whyNot } from './standing.ts'
import { type KeptPlace, keepPlace, storeBytes } from './storing.ts'
import { effectEvent } from './telling.ts'

/** Codes by which the rule or the database says that a change is not possible; any other error is unexpected. */
const refusals: ErrorCode[] = [
  'BAD_REQUEST',
  'CONFLICT',
  'NOT_FOUND',
  'PRECONDITION_FAILED',
  'QUOTA_EXCEEDED',
  'UNSUPPORTED_MEDIA_TYPE',
]

const longestReason = 2000
const mostTries = 5
/** A storage that is away is waited for, about an hour at one try a turn. */
const mostStorageTries = 360

type Applier = Pick<WorkerContext, 'transaction' | 'now' | 'log' | 'objects'>

interface Ending {
  outcome: EffectOutcome
  reason?: string
  result?: EffectResult
  appliedAt?: string
  attempts?: number
}

/** How far a try has come, for what is to be done when it fails. */
interface Try {
  effect?: queries.TakenEffect | undefined
  place?: KeptPlace | undefined
  isStoring?: boolean
}

/**
 * Applies the next effect that waits, with the rights that the person who started its run has at this moment: the change,
 * what is recorded of it, and its event in one transaction. Bytes that belong to it are stored before that, between two
 * transactions that both look at the rights. False when none waits.
 */
export async function applyEffects(ctx: Applier): Promise<boolean> {
  const held: Try = {}
  try {
    held.place = await ctx.transaction(async (tx) => {
      held.effect = await queries.takeEffect(tx)
      return held.effect && take(ctx, tx, held.effect)
    })
    if (held.effect && held.place) await finish(ctx, held, held.effect, held.place)
    return held.effect !== undefined
  } catch (error) {
    if (!held.effect) throw error
    await afterFault(ctx, held.effect, held, error)
    // The next try is left to the next turn: what was away may need a moment.
    if (error instanceof DomainError && error.code === 'UNAVAILABLE') throw error
    return true
  }
}

// Carries an effect out, or gives the place for the bytes without which it cannot be.
async function take(ctx: Applier, tx: Tx, effect: queries.TakenEffect): Promise<KeptPlace | undefined> {
  const refusal = await refusalOf(tx, effect)
  const content = refusal ? undefined : ruleOf(effect.kind)?.contentOf(effect.arguments)
  if (content) return keepPlace(tx, effect.run.companyId, content)
  await conclude(tx, effect, refusal ?? (await carryOut(ctx, tx, effect)))
  return undefined
}

async function finish(ctx: Applier, held: Try, effect: queries.TakenEffect, place: KeptPlace): Promise<void> {
  held.isStoring = true
  const stored = await storeBytes(ctx.objects.own, place)
  held.isStoring = false
  const isUsed = await ctx.transaction(async (tx) => {
    // Another worker may have stored the same meanwhile, and been first.
    if (!(await queries.retakeEffect(tx, effect))) return false
    const refusal = await refusalOf(tx, effect)
    await conclude(tx, effect, refusal ?? (await carryOut(ctx, tx, effect, stored)))
    return refusal === undefined
  })
  if (!isUsed) await discard(ctx, effect, place)
}

async function refusalOf(tx: Tx, { run, ...effect }: queries.TakenEffect): Promise<Ending | undefined> {
  const rule = ruleOf(effect.kind)
  // What was written down by another version may not be known to this one.
  if (!rule) return { outcome: 'refused', reason: 'There is no such kind of effect any more.' }
  const reason = rule.faultOf(effect.arguments) ?? (await whyNot(tx, run, rule.role))
  return reason === undefined ? undefined : { outcome: 'refused', reason }
}

async function carryOut(
  ctx: Applier,
  tx: Tx,
  { run, ordinal, ...effect }: queries.TakenEffect,
  stored?: StoredContent,
): Promise<Ending> {
  const rule = ruleOf(effect.kind)
  if (!rule) throw new Error('an effect of no kind was to be carried out')
  const { companyId, studioId, userId } = run
  await queries.actInNameOf(tx, userId)
  const place = { companyId, studioId, executionId: run.id, ordinal, userId, ...(stored && { stored }) }
  const change = await rule.apply(tx, place, effect.arguments)
  return { outcome: 'applied', result: { ...change, userId }, appliedAt: new Date(ctx.now()).toISOString() }
}

// The change has been rolled back: what is left is to say so, or to count the try.
async function afterFault(ctx: Applier, effect: queries.TakenEffect, held: Try, error: unknown): Promise<void> {
  if (held.place) await discard(ctx, effect, held.place)
  if (error instanceof DomainError && refusals.includes(error.code)) {
    const ending: Ending = { outcome: 'refused', reason: error.message }
    return ctx.transaction((tx) => conclude(tx, effect, ending))
  }
  const details = { err: error, executionId: effect.run.id, ordinal: effect.ordinal, kind: effect.kind }
  ctx.log.warn(details, 'an effect of a run could not be applied')
  const attempts = effect.attempts + 1
  const most = held.isStoring ? mostStorageTries : mostTries
  const reason = `This did not work in ${most} tries and is given up; the operator finds the reason in the log.`
  const ending: Ending = attempts >= most ? { outcome: 'failed', reason, attempts } : { outcome: 'waiting', attempts }
  await ctx.transaction((tx) => conclude(tx, effect, ending))
}

// Without this they are removed all the same, an hour later.
async function discard(ctx: Applier, { run }: queries.TakenEffect, { path }: KeptPlace): Promise<void> {
  await ctx.transaction((tx) => hastenRemoval(tx, run.companyId, path)).catch(() => undefined)
}

async function conclude(tx: Tx, effect: queries.TakenEffect, { reason, ...rest }: Ending): Promise<void> {
  const ending = { ...rest, reason: reason?.slice(0, longestReason) ?? null }
  const { ordinal, kind } = effect
  const isOver = ending.outcome !== 'waiting'
  const kept = isOver ? withoutContent(kind, effect.arguments) : effect.arguments
  const change = { ...ending, ...(kept !== effect.arguments && { arguments: kept }) }
  const isOurs = await queries.updateEffect(tx, effect, change)
  // The change would stand without its record, and be made again.
  if (!isOurs && ending.outcome === 'applied') throw new Error('an effect was taken by two workers at once')
  if (!isOurs || !isOver) return
  await queries.passTurn(tx, effect.run)
  await insertEvents(tx, effect.run, [effectEvent({ ordinal, kind, ...ending })])
}
