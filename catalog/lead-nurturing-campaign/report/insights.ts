import type { Insight } from '../../../src/contracts/envelope.ts'
import { isoDate } from '../../shared/calendar.ts'
import { grouped } from '../../shared/grouping.ts'
import { percentOf } from '../../shared/statistics.ts'
import { counted, listed, percent } from '../../shared/wording.ts'
import { type ScoredLead, segments, suppressionReasons } from '../lead.ts'
import { dormantAfterDays, hotFrom, warmFrom } from '../steps/score-leads.ts'
import { type Campaign, leadsIn, meanScore } from './campaign.ts'
import { suppressedByReason } from './tables.ts'

const shown = 5
const smallestSource = 5

function hotLeads(campaign: Campaign): Insight[] {
  const hot = leadsIn(campaign, 'hot').toSorted((a, b) => b.score - a.score)
  if (hot.length === 0) return []
  const lines = hot.slice(0, shown).map(({ line, score }) => `line ${line} (${score})`)
  return [
    {
      id: 'hot-leads',
      title: `${counted(hot.length, 'lead is', 'leads are')} worth a call now`,
      finding: `The best, with their scores: ${listed(lines)}.`,
      computation: `Points for ${listed(campaign.scoring.signalsUsed).toLowerCase()}, as a share of what the file's columns allow; hot from ${hotFrom}, warm from ${warmFrom}.`,
      action: `Hand the hot leads to sales before ${isoDate(campaign.start)}, so that the call comes before or with the first message.`,
      importance: 'high',
      figures: [{ label: 'Hot leads', value: hot.length, type: 'number' }],
    },
  ]
}

function suppression(campaign: Campaign): Insight[] {
  const { suppressed, scoring } = campaign
  if (suppressed.length === 0) return []
  const parts = suppressedByReason(campaign).map(
    ({ reason, lines }) => `${suppressionReasons[reason]} (${lines.length})`,
  )
  const share = percentOf(suppressed.length, suppressed.length + scoring.scored.length)
  return [
    {
      id: 'suppressed-rows',
      title: `${counted(suppressed.length, 'row')} will not be written to`,
      finding: `${listed(parts)}: ${percent(share)} of all rows.`,
      computation:
        'Form of the address, opt-out and opt-in columns, status words and repeated addresses; one opt-out counts for every row of an address.',
      action:
        'Correct the malformed addresses, delete the bounced ones and merge the duplicates in your contact system, so that the next export is clean.',
      importance: 'medium',
      figures: [{ label: 'Suppressed share', value: share, type: 'percent' }],
    },
  ]
}

function calendar({ plan, isStartGiven }: Campaign): Insight[] {
  const [first, last] = [plan.messages[0], plan.messages.at(-1)]
  if (!first || !last) return []
  const total = plan.messages.reduce((sum, { recipients }) => sum + recipients, 0)
  const perDay = new Map<number, number>()
  for (const { day, recipients } of plan.messages) perDay.set(day, (perDay.get(day) ?? 0) + recipients)
  const [busiest] = [...perDay].sort((a, b) => b[1] - a[1] || a[0] - b[0])
  const begin = isStartGiven ? 'the day given' : 'the day after the newest date in the file'
  return [
    {
      id: 'message-plan',
      title: `${counted(total, 'message')} from ${isoDate(first.day)} to ${isoDate(last.day)}`,
      finding: `The busiest day is ${isoDate(busiest?.[0] ?? first.day)} with ${counted(busiest?.[1] ?? 0, 'message')}.`,
      computation: `Each segment's sequence starts on ${begin} and skips Saturdays and Sundays; public holidays are not known. Nobody gets two messages on one day.`,
      action: 'Load the calendar into your mailing tool, and take a lead out of the sequence as soon as it answers.',
      importance: 'medium',
      figures: [{ label: 'Messages planned', value: total, type: 'number' }],
    },
  ]
}

function dormancy(campaign: Campaign): Insight[] {
  const dormant = leadsIn(campaign, 'dormant')
  const share = percentOf(dormant.length, campaign.scoring.scored.length)
  if (dormant.length === 0 || share === null) return []
  return [
    {
      id: 'dormant-leads',
      title: `${counted(dormant.length, 'lead has', 'leads have')} gone quiet`,
      finding: `${percent(share)} of the leads showed nothing for more than ${dormantAfterDays} days.`,
      computation:
        'Days from the last activity, or from the creation where no activity is known, to the newest date in the file.',
      action:
        'Ask them once whether they are still interested and remove those who stay silent: quiet addresses harm delivery to all others.',
      importance: share >= 25 ? 'medium' : 'low',
      figures: [{ label: 'Dormant share', value: share, type: 'percent' }],
    },
  ]
}

function sourcesByScore(leads: readonly ScoredLead[]): { name: string; mean: number; count: number }[] {
  return [...grouped(leads, ({ source }) => source)]
    .map(([name, members]) => ({ name, mean: meanScore(members) ?? 0, count: members.length }))
    .filter(({ name, count }) => name !== '' && count >= smallestSource)
    .sort((a, b) => b.mean - a.mean)
}

function bestSource({ scoring }: Campaign): Insight[] {
  const sources = sourcesByScore(scoring.scored)
  const [best, worst] = [sources[0], sources.at(-1)]
  if (!best || !worst || best.name === worst.name || best.mean === worst.mean) return []
  return [
    {
      id: 'best-source',
      title: `${best.name} brings the best leads`,
      finding: `Mean score ${best.mean} over ${counted(best.count, 'lead')}, against ${worst.mean} over ${counted(worst.count, 'lead')} from ${worst.name}.`,
      computation: `Mean score by source, sources with at least ${smallestSource} leads. The source itself is one of the signals.`,
      action: `Before the next budget, compare what a lead from ${best.name} costs with one from ${worst.name}.`,
      importance: 'low',
      figures: [{ label: `Mean score of ${best.name}`, value: best.mean, type: 'number' }],
    },
  ]
}

function missingSignals({ scoring }: Campaign): Insight[] {
  if (scoring.signalsMissing.length === 0) return []
  const isBlind = scoring.signalsUsed.length === 0
  return [
    {
      id: 'missing-signals',
      title: isBlind ? 'The file holds nothing to score by' : 'More columns would sharpen the scores',
      finding: `No column was found for ${listed(scoring.signalsMissing).toLowerCase()}.`,
      computation: 'Column names of the file, compared with the names that exports use.',
      action: 'Add these columns to the export, or say in "columns" which of your columns holds them.',
      importance: isBlind ? 'high' : 'low',
      figures: [{ label: 'Signals used', value: scoring.signalsUsed.length, type: 'number' }],
    },
  ]
}

export function insightsOf(campaign: Campaign): Insight[] {
  const makers = [hotLeads, suppression, calendar, dormancy, bestSource, missingSignals]
  return campaign.scoring.scored.length + campaign.suppressed.length === 0
    ? []
    : makers.flatMap((make) => make(campaign))
}

export function segmentCounts(campaign: Campaign): Record<string, number> {
  return Object.fromEntries(segments.map((segment) => [segment, leadsIn(campaign, segment).length]))
}
