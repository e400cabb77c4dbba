import type { Insight, Warning } from '../../../src/contracts/envelope.ts'
import type { Options } from '../deals.ts'
import type { Forecast, Measures, Stalled, Tally } from '../measures.ts'

/** All that the steps before found: what conclusions are drawn from. */
export interface Findings {
  options: Options
  warnings: Warning[]
  measures: Measures
  forecast: Forecast
  stalled: Stalled
}

/** An insight, or undefined when the data does not support it. */
export type Conclusion = (findings: Findings) => Insight | undefined

export function closedOf(tally: Tally): number {
  return tally.won + tally.lost
}

/** The name to show for a group whose rows have none. */
export function shownName(name: string, noun: string): string {
  return name === '' ? `(no ${noun})` : name
}
