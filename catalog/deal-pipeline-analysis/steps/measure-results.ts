import type { CodedColumn } from '../../shared/coded-columns.ts'
import { add, compare, type Decimal, decimalText, parseDecimal, zero } from '../../shared/decimal.ts'
import { median, p90 } from '../../shared/statistics.ts'
import { cycleDays, type Deals, type Outcome, outcomeOf } from '../deals.ts'
import type { CycleTime, Measures, StageCount, Tally } from '../measures.ts'

/** Counts won, lost and open deals by agent, product and account, and takes the time that deals need. */
export const code = async ({ deals }: { deals: Deals }): Promise<Measures> => {
  const everything: CodedColumn = { names: ['all'], codes: deals.ids.map(() => 0) }
  const [total = emptyTally('all')] = tallies(deals, everything)
  return {
    total,
    stages: stageCounts(deals),
    agents: tallies(deals, deals.agents),
    products: tallies(deals, deals.products),
    accounts: tallies(deals, deals.accounts),
    cycle: { won: cycleTime(deals, 'won'), lost: cycleTime(deals, 'lost') },
  }
}

interface Running extends Tally {
  sum: Decimal
}

function emptyTally(name: string): Running {
  return { name, won: 0, lost: 0, open: 0, wonValue: '0', wonWithValue: 0, sum: zero }
}

function tallies(deals: Deals, groups: CodedColumn): Tally[] {
  const values = deals.values.names.map((text) => (text === '' ? undefined : parseDecimal(text)))
  const running = groups.names.map(emptyTally)
  groups.codes.forEach((group, row) => {
    const tally = running[group]
    if (tally === undefined) return
    const outcome = outcomeOf(deals, row)
    tally[outcome] += 1
    const value = values[deals.values.codes[row] ?? -1]
    if (outcome !== 'won' || value === undefined) return
    tally.sum = add(tally.sum, value)
    tally.wonWithValue += 1
  })
  running.sort((a, b) => compare(b.sum, a.sum) || b.won - a.won || (a.name < b.name ? -1 : 1))
  return running.map(({ sum, ...tally }) => ({ ...tally, wonValue: decimalText(sum) }))
}

function stageCounts(deals: Deals): StageCount[] {
  const counts = deals.stages.names.map(
    (name, index): StageCount => ({ name, outcome: deals.outcomes[index] ?? 'open', deals: 0 }),
  )
  for (const stage of deals.stages.codes) {
    const count = counts[stage]
    if (count !== undefined) count.deals += 1
  }
  return counts.sort((a, b) => b.deals - a.deals || (a.name < b.name ? -1 : 1))
}

function cycleTime(deals: Deals, outcome: Outcome): CycleTime {
  const days = deals.ids.map((_, row) => (outcomeOf(deals, row) === outcome ? cycleDays(deals, row) : undefined))
  const known = days.filter((value) => value !== undefined)
  return {
    deals: known.length,
    medianDays: median(known) ?? null,
    p90Days: p90(known) ?? null,
    longestDays: known.reduce<number | null>((longest, value) => Math.max(longest ?? 0, value), null),
  }
}
