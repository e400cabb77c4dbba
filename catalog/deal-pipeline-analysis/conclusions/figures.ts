import { percentOf } from '../../shared/statistics.ts'
import { closedOf, type Findings, shownName } from './findings.ts'
import { averageWonValue } from './tables.ts'

/** The single figures of the result; money is exact decimal text, days are whole or half. */
export function figuresOf({ measures, forecast, stalled, options }: Findings) {
  const { total, cycle, stages } = measures
  return {
    opportunities: total.won + total.lost + total.open,
    won: total.won,
    lost: total.lost,
    open: total.open,
    stageCounts: Object.fromEntries(stages.map(({ name, deals }) => [shownName(name, 'stage'), deals])),
    winRatePercent: percentOf(total.won, closedOf(total)),
    wonValue: total.wonValue,
    averageWonValue: averageWonValue(total),
    openValue: forecast.openValue,
    weightedForecast: forecast.weightedValue,
    medianDaysToWin: cycle.won.medianDays,
    p90DaysToWin: cycle.won.p90Days,
    medianDaysToLose: cycle.lost.medianDays,
    p90DaysToLose: cycle.lost.p90Days,
    asOf: options.asOf === '' ? null : options.asOf,
    stalledAfterDays: stalled.afterDays,
    stalledDeals: stalled.count,
    stalledExpectedValue: stalled.expectedValue,
    openBeyondAnyWin: stalled.beyondAnyWin,
  }
}
