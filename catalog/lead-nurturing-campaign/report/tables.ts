import type { ResultTable } from '../../../src/contracts/envelope.ts'
import { isoDate, weekday } from '../../shared/calendar.ts'
import { resultTable } from '../../shared/result-tables.ts'
import { percentOf } from '../../shared/statistics.ts'
import { type Segment, type SuppressionReason, segments, suppressionReasons } from '../lead.ts'
import { type Campaign, leadsIn, meanScore } from './campaign.ts'

const weekdays = ['', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

export function calendarTable({ plan }: Campaign): ResultTable {
  const rows = plan.messages.map(({ day, segment, number, theme, recipients }) => ({
    ...{ date: isoDate(day), weekday: weekdays[weekday(day)] ?? '' },
    ...{ segment, number, theme, recipients },
  }))
  const columns = {
    date: ['Date', 'date'],
    weekday: ['Weekday', 'text'],
    segment: ['Segment', 'text'],
    number: ['Message', 'number'],
    theme: ['What it says', 'text'],
    recipients: ['Recipients', 'number'],
  } as const
  return resultTable('Calendar of messages', columns, rows)
}

export function segmentTable(campaign: Campaign): ResultTable {
  const all = campaign.scoring.scored.length
  const rows = segments.map((segment) => {
    const leads = leadsIn(campaign, segment)
    const days = campaign.plan.days[segment]
    const [first, last] = [days[0], days.at(-1)]
    return {
      ...{ segment, leads: leads.length, share: percentOf(leads.length, all), meanScore: meanScore(leads) },
      ...{ messages: days.length, spacing: campaign.plan.spacing[segment] },
      first: first === undefined ? null : isoDate(first),
      last: last === undefined ? null : isoDate(last),
    }
  })
  const columns = {
    segment: ['Segment', 'text'],
    leads: ['Leads', 'number'],
    share: ['Share of leads', 'percent'],
    meanScore: ['Mean score', 'number'],
    messages: ['Messages each', 'number'],
    spacing: ['Days between', 'duration'],
    first: ['First message', 'date'],
    last: ['Last message', 'date'],
  } as const
  return resultTable('Segments', columns, rows)
}

export function leadTable({ scoring, plan }: Campaign): ResultTable {
  const order = (segment: Segment) => segments.indexOf(segment)
  const rows = scoring.scored
    .toSorted((a, b) => order(a.segment) - order(b.segment) || b.score - a.score || a.line - b.line)
    .map(({ email, company, source, segment, score, reasons, line }) => ({
      ...{ email, company, source, segment, score, reasons, line },
      messages: plan.days[segment].map(isoDate).join(', '),
    }))
  const columns = {
    email: ['E-mail', 'text'],
    company: ['Company', 'text'],
    source: ['Source', 'text'],
    segment: ['Segment', 'text'],
    score: ['Score', 'number'],
    reasons: ['Why', 'text'],
    messages: ['Messages on', 'text'],
    line: ['Line in the file', 'number'],
  } as const
  return resultTable('Leads, the most promising on top', columns, rows)
}

export function suppressedTable({ suppressed }: Campaign): ResultTable {
  const rows = suppressed.map(({ line, email, reason, keptLine }) => ({
    ...{ line, email, reason: suppressionReasons[reason], keptLine },
  }))
  const columns = {
    line: ['Line in the file', 'number'],
    email: ['E-mail', 'text'],
    reason: ['Reason', 'text'],
    keptLine: ['Line kept instead', 'number'],
  } as const
  return resultTable('Suppressed rows', columns, rows)
}

const keys: readonly SuppressionReason[] = [
  ...(['missing', 'invalid', 'unsubscribed', 'bounced', 'customer', 'ruled_out', 'duplicate'] as const),
]

/** How many rows each reason took out, with their lines. */
export function suppressedByReason({ suppressed }: Campaign) {
  return keys
    .map((reason) => ({ reason, lines: suppressed.filter((row) => row.reason === reason).map(({ line }) => line) }))
    .filter(({ lines }) => lines.length > 0)
}
