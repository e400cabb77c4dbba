import { parseDecimal } from '../../shared/decimal.ts'
import { percentOf } from '../../shared/statistics.ts'
import { counted, percent, readable, roundMoney } from '../../shared/wording.ts'
import type { CycleTime, Stalled } from '../measures.ts'
import { type Conclusion, type Findings, shownName } from './findings.ts'

/** How long deals take until they are won or lost. */
export const cycleTimes: Conclusion = ({ measures: { cycle } }) => {
  const { won, lost } = cycle
  if (won.medianDays === null || won.p90Days === null) return undefined
  const lostPart =
    lost.medianDays === null ? '' : ` Lost deals are given up after ${readable(lost.medianDays)} days (median).`
  const isSlower = lost.medianDays !== null && lost.medianDays < won.medianDays
  return {
    id: 'cycle-time',
    title: 'How long a deal takes',
    finding: `Half of the won deals close within ${readable(won.medianDays)} days, nine of ten within ${readable(won.p90Days)}.${lostPart}`,
    computation: `Days from the opening to the closing date over ${counted(won.deals, 'won deal')} and ${counted(lost.deals, 'lost deal')} with both dates; the 90th percentile is taken by nearest rank.`,
    action: isSlower
      ? 'Winning takes patience here: do not give a deal up only because it is older than the typical loss, but question each one that passes the ninety-percent mark.'
      : 'Put a date in the calendar at the median for each open deal: after it, the chance of winning shrinks.',
    importance: 'medium',
    figures: [...cycleFigures('Won', won), ...cycleFigures('Lost', lost)],
  }
}

function cycleFigures(label: string, { medianDays, p90Days }: CycleTime) {
  return [
    { label: `${label}, median`, value: medianDays, type: 'duration' as const },
    { label: `${label}, 90th percentile`, value: p90Days, type: 'duration' as const },
  ]
}

/** Open deals that have waited too long. */
export const stalledDeals: Conclusion = ({ stalled, options }) => {
  if (stalled.aged === 0) return undefined
  const share = percentOf(stalled.count, stalled.aged)
  const [agent] = stalled.byAgent
  const held =
    agent &&
    ` The largest part by value lies with ${shownName(agent.agent, 'agent')} (${counted(agent.deals, 'deal')}).`
  return {
    id: 'stalled-deals',
    title: 'Deals that stand still',
    finding: `${readable(stalled.count)} of ${counted(stalled.aged, 'open deal')} (${percent(share)}) have been open for more than ${stalled.afterDays} days; they stand for ${roundMoney(parseDecimal(stalled.expectedValue))} of expected value.${held ?? ''}`,
    computation: `Age on ${options.asOf} (${options.isAsOfGiven ? 'the date given' : 'the newest date in the data'}) since the opening date, compared with ${limitSentence(stalled)}. Open deals without an opening date are not judged.`,
    action:
      stalled.count === 0
        ? 'Nothing to do now; look again in a month.'
        : 'Go through the list from the top with each agent this week: agree on a next step with a date, or close the deal as lost.',
    importance: stalled.count === 0 ? 'low' : 'high',
    figures: [
      { label: 'Stalled deals', value: stalled.count, type: 'number' },
      { label: 'Stalled after', value: stalled.afterDays, type: 'duration' },
      { label: 'Expected value held', value: stalled.expectedValue, type: 'money' },
    ],
  }
}

function limitSentence({ basis, afterDays }: Stalled): string {
  switch (basis) {
    case 'given':
      return `the ${afterDays} days asked for`
    case 'won':
      return `the ${afterDays} days within which nine of ten won deals were closed`
    case 'fallback':
      return `${afterDays} days, because fewer than 20 won deals have both dates to learn from`
  }
}

/** Open deals older than any deal that was ever won. */
export const deadDeals: Conclusion = (findings: Findings) => {
  const { stalled, measures } = findings
  const longest = measures.cycle.won.longestDays
  if (stalled.beyondAnyWin === 0 || longest === null) return undefined
  return {
    id: 'beyond-any-win',
    title: 'Deals older than any that was won',
    finding: `${counted(stalled.beyondAnyWin, 'open deal')} ${stalled.beyondAnyWin === 1 ? 'is' : 'are'} older than ${longest} days, the longest that any won deal took.`,
    computation: `Age of open deals compared with the longest cycle time among ${counted(measures.cycle.won.deals, 'won deal')}.`,
    action: 'Close them as lost unless the customer confirms interest; they make the pipeline look larger than it is.',
    importance: 'high',
    figures: [{ label: 'Open deals', value: stalled.beyondAnyWin, type: 'number' }],
  }
}
