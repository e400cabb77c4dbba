import type { Day } from '../../shared/calendar.ts'
import { type PackedRows, unpackRows } from '../../shared/packed-rows.ts'
import { integerOr, type StepInput } from '../../shared/step-input.ts'
import { type PlannedMessage, type ScoredLead, type Segment, segments } from '../lead.ts'
import { mostMessages, sendingDays, themeOf, usualMessages, usualSpacing } from '../plan/sequences.ts'

export type Plan = {
  messages: PlannedMessage[]
  /** Sending days of each segment; none where the segment gets no messages. */
  days: Record<Segment, Day[]>
  spacing: Record<Segment, number>
}

function bySegment<Value>(of: (segment: Segment) => Value): Record<Segment, Value> {
  return { hot: of('hot'), warm: of('warm'), cool: of('cool'), dormant: of('dormant') }
}

function objectIn(input: StepInput, name: string): StepInput {
  const value = input[name]
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** Every lead of a segment gets the same messages on the same days. */
export async function code(input: StepInput & { scored: PackedRows<ScoredLead>; start: Day }): Promise<Plan> {
  const scored = unpackRows(input.scored)
  const wanted = objectIn(input, 'messagesPerSegment')
  const spacing = bySegment((segment) =>
    integerOr(input, 'spacingDays', { fallback: usualSpacing[segment], min: 1, max: 60 }),
  )
  const days = bySegment((segment) => {
    const count = integerOr(wanted, segment, { fallback: usualMessages[segment], min: 0, max: mostMessages })
    return sendingDays(input.start, count, spacing[segment])
  })
  const messages = segments.flatMap((segment) => {
    const recipients = scored.filter((lead) => lead.segment === segment).length
    if (recipients === 0) return []
    return days[segment].map((day, i) => ({ segment, number: i + 1, day, theme: themeOf(segment, i + 1), recipients }))
  })
  return { messages: messages.sort((a, b) => a.day - b.day), days, spacing }
}
