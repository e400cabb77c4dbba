import type { DateReader } from './date-reading.ts'
import type { WarningList } from './warnings.ts'

const orderNames = { ymd: 'year, month, day', mdy: 'month, day, year', dmy: 'day, month, year' }

/** Tells the user when the order of the dates had to be assumed. */
export function noteAssumedOrder(warnings: WarningList, dates: DateReader, columns: (string | undefined)[]): void {
  if (!dates.isAssumed) return
  const order = orderNames[dates.order]
  warnings.note(
    'assumed_date_order',
    `The dates fit several orders; they were read as ${order}. If that is wrong, set the order of dates and run again.`,
    columns.filter((column) => column !== undefined),
  )
}
