import type { Envelope, Warning } from '../../../src/contracts/envelope.ts'
import { isoDate } from '../../shared/calendar.ts'
import { type PackedRows, unpackRows } from '../../shared/packed-rows.ts'
import { counted } from '../../shared/wording.ts'
import { type ScoredLead, type Suppressed, suppressionReasons } from '../lead.ts'
import { type Campaign, isScheduled } from '../report/campaign.ts'
import { insightsOf, segmentCounts } from '../report/insights.ts'
import { calendarTable, leadTable, segmentTable, suppressedByReason, suppressedTable } from '../report/tables.ts'
import type { SignalsSeen } from './score-leads.ts'

type Input = Omit<Campaign, 'name' | 'scoring' | 'suppressed'> & {
  campaignName?: unknown
  scoring: SignalsSeen & { scored: PackedRows<ScoredLead> }
  suppressed: PackedRows<Suppressed>
}

const shownLines = 5

function suppressionWarnings(campaign: Campaign): Warning[] {
  return suppressedByReason(campaign).map(({ reason, lines }) => ({
    code: `suppressed_${reason}`,
    message: `${counted(lines.length, 'row was', 'rows were')} taken out: ${suppressionReasons[reason]}.`,
    count: lines.length,
    columns: [],
    lines: lines.slice(0, shownLines),
  }))
}

function figuresOf(campaign: Campaign) {
  const { scoring, suppressed, plan } = campaign
  const scheduled = scoring.scored.filter((lead) => isScheduled(campaign, lead)).length
  const [first, last] = [plan.messages[0], plan.messages.at(-1)]
  return {
    campaign: campaign.name,
    rows: scoring.scored.length + suppressed.length,
    scheduled,
    withoutMessages: scoring.scored.length - scheduled,
    suppressed: suppressed.length,
    suppressedByReason: Object.fromEntries(
      suppressedByReason(campaign).map(({ reason, lines }) => [reason, lines.length]),
    ),
    segments: segmentCounts(campaign),
    messages: plan.messages.reduce((sum, { recipients }) => sum + recipients, 0),
    firstDay: first ? isoDate(first.day) : null,
    lastDay: last ? isoDate(last.day) : null,
  }
}

export async function code({ campaignName, ...input }: Input): Promise<Envelope> {
  const name = typeof campaignName === 'string' && campaignName.trim() !== '' ? campaignName.trim() : 'Lead nurturing'
  const scoring = { ...input.scoring, scored: unpackRows(input.scoring.scored) }
  const campaign: Campaign = { name, ...input, scoring, suppressed: unpackRows(input.suppressed) }
  const figures = figuresOf(campaign)
  const when = figures.firstDay === null ? '' : ` from ${figures.firstDay} to ${figures.lastDay}`
  const summary =
    `${name}: ${counted(figures.rows, 'row')} read, ${counted(figures.scheduled, 'lead')} scheduled for ${counted(figures.messages, 'message')}${when}, ` +
    `${figures.suppressed} suppressed, ${figures.withoutMessages} without messages. ${figures.segments['hot'] ?? 0} hot leads.`
  const tables = {
    calendar: calendarTable(campaign),
    segments: segmentTable(campaign),
    leads: leadTable(campaign),
    suppressed: suppressedTable(campaign),
  }
  const warnings = [...campaign.warnings, ...suppressionWarnings(campaign)]
  return { summary, insights: insightsOf(campaign), data: { figures, tables }, effects: [], warnings }
}
