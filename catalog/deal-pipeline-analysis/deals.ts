import type { Warning } from '../../src/contracts/envelope.ts'
import type { Day } from '../shared/calendar.ts'
import type { CodedColumn } from '../shared/coded-columns.ts'

export type Outcome = 'won' | 'lost' | 'open'

/** The deals of a file as columns; the same position is the same deal. Absent texts are empty, absent days null. */
export interface Deals {
  ids: string[]
  agents: CodedColumn
  products: CodedColumn
  accounts: CodedColumn
  stages: CodedColumn
  /** What each stage name means, in the order of `stages.names`. */
  outcomes: Outcome[]
  /** Exact values as decimal text. */
  values: CodedColumn
  opened: (Day | null)[]
  closed: (Day | null)[]
}

export interface Options {
  /** ISO date against which the age of open deals is taken. */
  asOf: string
  isAsOfGiven: boolean
  stalledAfterDays: number | null
  topN: number
}

/** Output of `read_data`. */
export interface ReadData {
  deals: Deals
  options: Options
  warnings: Warning[]
}

export function outcomeOf(deals: Deals, row: number): Outcome {
  return deals.outcomes[deals.stages.codes[row] ?? -1] ?? 'open'
}

/** Days from opening to closing; undefined when a date is missing or the deal closed before it opened. */
export function cycleDays(deals: Deals, row: number): number | undefined {
  const opened = deals.opened[row]
  const closed = deals.closed[row]
  if (typeof opened !== 'number' || typeof closed !== 'number' || closed < opened) return undefined
  return closed - opened
}
