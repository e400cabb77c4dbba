import { effectKinds, mostEffects } from '../../../contracts/effects.ts'
import type { Effect } from '../../../contracts/envelope.ts'
import type { NewEffect } from '../../../db/queries/effects.ts'
import { unkeepable } from '../keepable.ts'
import { argumentLimit, withoutContent } from './contents.ts'
import { ruleOf } from './registry.ts'

const longestKind = 100
const longestReason = 2000

/**
 * What is written down, in its order, of the changes that a run asks for when it succeeds: what it may not ask for is refused
 * at once, the rest waits for `applyEffects`.
 */
export function judgeEffects(declared: string[], effects: Effect[]): NewEffect[] {
  const considered = effects.slice(0, mostEffects).map((effect, place) => judge(effect, place + 1, declared))
  return [...considered, ...beyond(effects.slice(mostEffects))]
}

function judge(effect: Effect, ordinal: number, declared: string[]): NewEffect {
  const kind = kept(effect.kind)
  const lost = unkeptFault(effect)
  const given = lost ? {} : effect.arguments
  const fault = kindFault(effect.kind, declared) ?? lost ?? ruleOf(effect.kind)?.faultOf(given)
  const reason = fault?.slice(0, longestReason) ?? null
  return {
    ordinal,
    kind,
    arguments: reason ? withoutContent(effect.kind, given) : given,
    outcome: reason ? 'refused' : 'waiting',
    reason,
  }
}

function kindFault(kind: string, declared: string[]): string | undefined {
  if (!ruleOf(kind)) return `There is no such kind of effect; there are ${effectKinds.join(', ')}.`
  if (declared.includes(kind)) return undefined
  return `The workflow does not declare ${kind}; only what it declares is done.`
}

// What PostgreSQL cannot keep, or what is too much to keep a second time beside the result.
function unkeptFault({ kind: named, arguments: given }: Effect): string | undefined {
  const [lost] = unkeepable(given, 'arguments').take(1)
  if (lost) return `The arguments cannot be kept: ${kept(lost.path)} ${lost.message}.`
  const limit = argumentLimit(named)
  if (Buffer.byteLength(JSON.stringify(given)) <= limit) return undefined
  return `The arguments are larger than the ${limit / 1024} KB that such an effect may have.`
}

// One row for all of them: nothing bounds their number.
function beyond(effects: Effect[]): NewEffect[] {
  const [first] = effects
  if (!first) return []
  const others = effects.length > 1 ? ` and the ${effects.length - 1} after it are` : ' is'
  const reason = `A run has at most ${mostEffects} effects; this one${others} not done.`
  return [{ ordinal: mostEffects + 1, kind: kept(first.kind), arguments: {}, outcome: 'refused', reason }]
}

function kept(text: string): string {
  return text
    .slice(0, longestKind)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, '?')
}
