import type { ResultTable } from '../../../src/contracts/envelope.ts'
import { decimalOf, decimalText, divide, parseDecimal } from '../../shared/decimal.ts'
import { resultTable } from '../../shared/result-tables.ts'
import { percentOf } from '../../shared/statistics.ts'
import type { CycleTime, Tally } from '../measures.ts'
import { closedOf, type Findings, shownName } from './findings.ts'

export function stageTable({ measures }: Findings): ResultTable {
  const all = measures.stages.reduce((count, stage) => count + stage.deals, 0)
  return resultTable(
    'Deals by stage',
    {
      stage: ['Stage', 'text'],
      outcome: ['Counts as', 'text'],
      deals: ['Deals', 'number'],
      share: ['Share', 'percent'],
    },
    measures.stages.map(({ name, outcome, deals }) => ({
      stage: shownName(name, 'stage'),
      outcome,
      deals,
      share: percentOf(deals, all),
    })),
  )
}

/** Groups by won value; the title says when not all of them are shown. */
export function groupTable(noun: string, groups: Tally[], topN: number): ResultTable {
  const cut = groups.length > topN ? ` (the ${topN} with the highest won value of ${groups.length})` : ''
  return resultTable(
    `Results by ${noun}${cut}`,
    {
      name: [noun.charAt(0).toUpperCase() + noun.slice(1), 'text'],
      won: ['Won', 'number'],
      lost: ['Lost', 'number'],
      open: ['Open', 'number'],
      winRate: ['Win rate', 'percent'],
      wonValue: ['Won value', 'money'],
      averageWonValue: ['Average won deal', 'money'],
    },
    groups.slice(0, topN).map((group) => ({
      name: shownName(group.name, noun),
      won: group.won,
      lost: group.lost,
      open: group.open,
      winRate: percentOf(group.won, closedOf(group)),
      wonValue: group.wonValue,
      averageWonValue: averageWonValue(group),
    })),
  )
}

export function averageWonValue({ wonValue, wonWithValue }: Tally): string | null {
  if (wonWithValue === 0) return null
  return decimalText(divide(parseDecimal(wonValue), decimalOf(wonWithValue), 2))
}

export function cycleTable({ measures: { cycle } }: Findings): ResultTable {
  const row = (outcome: string, { deals, medianDays, p90Days, longestDays }: CycleTime) => ({
    outcome,
    deals,
    medianDays,
    p90Days,
    longestDays,
  })
  return resultTable(
    'Cycle time from opening to closing',
    {
      outcome: ['Outcome', 'text'],
      deals: ['Deals with both dates', 'number'],
      medianDays: ['Median', 'duration'],
      p90Days: ['90th percentile', 'duration'],
      longestDays: ['Longest', 'duration'],
    },
    [row('Won', cycle.won), row('Lost', cycle.lost)],
  )
}
