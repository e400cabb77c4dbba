import { type EffectOutcome, type EffectResult, effectKind, effectTitles } from '../../../contracts/effects.ts'

const levels = { waiting: 'info', applied: 'info', refused: 'warning', failed: 'error' } as const satisfies Record<
  EffectOutcome,
  string
>

const wording = { waiting: 'waits for its turn', applied: 'done', refused: 'refused', failed: 'failed' } as const

interface Told {
  ordinal: number
  kind: string
  outcome: EffectOutcome
  reason: string | null
  result?: EffectResult | null | undefined
}

/** The event that tells what became of an effect; what it changed stands in the effect itself. */
export function effectEvent({ ordinal, kind, outcome, reason, result }: Told) {
  const known = effectKind.safeParse(kind)
  const said = `${known.success ? effectTitles[known.data] : kind}: ${wording[outcome]}`
  return {
    type: 'effect' as const,
    level: levels[outcome],
    message: (reason ? `${said}. ${reason}` : said).slice(0, 2000),
    data: {
      ordinal,
      kind,
      outcome,
      ...(result && { userId: result.userId, entity: result.entity, entityId: result.id }),
    },
  }
}
