import type { Day } from '../shared/calendar.ts'
import type { DateReader } from '../shared/date-reading.ts'
import { decimalText } from '../shared/decimal.ts'
import { numberReader } from '../shared/number-reading.ts'
import type { TextTable } from '../shared/table-reading.ts'
import type { WarningList } from '../shared/warnings.ts'
import type { LeadField } from './fields.ts'
import type { Lead } from './lead.ts'
import { type LeadWarnings, leadWarnings } from './lead-warnings.ts'
import { standingOf, yesOrNo } from './standing.ts'

type Context = {
  warnings: WarningList
  dates: DateReader
  /** Dates after this day cannot be right. */
  latest: Day | null
}

type Row = { cell: (field: LeadField) => string; line: number; kinds: LeadWarnings }

function dayIn({ cell, line, kinds }: Row, field: LeadField, { dates, latest }: Context): Day | null {
  const text = cell(field)
  if (text === '') return null
  const day = dates.read(text)
  if (day === undefined) kinds.date.at(line)
  else if (latest !== null && day > latest) kinds.late.at(line)
  return day === undefined || (latest !== null && day > latest) ? null : day
}

type CountReader = (row: Row) => number | null

function countReader(table: TextTable<LeadField>, field: LeadField): CountReader {
  const numbers = numberReader(table.columns[field])
  return ({ cell, line, kinds }) => {
    const text = cell(field)
    const number = text === '' ? undefined : numbers.read(text)
    if (text !== '' && number === undefined) kinds.number.at(line)
    return number === undefined ? null : Number(decimalText(number))
  }
}

/** Whether the person said no to mails: opt-out is yes, or opt-in is no, or one of them is filled in and unclear. */
function hasOptedOut({ cell, line, kinds }: Row, { dates }: Context): boolean {
  const isDate = (text: string) => dates.read(text) !== undefined
  const saysOut = cell('unsubscribed') === '' ? false : yesOrNo(cell('unsubscribed'), isDate)
  const saysIn = cell('subscribed') === '' ? true : yesOrNo(cell('subscribed'), isDate)
  if (saysOut === undefined || saysIn === undefined) kinds.consent.at(line)
  return saysOut !== false || saysIn !== true
}

/** Reads one row after the other as leads. */
export function leadReader(table: TextTable<LeadField>, context: Context): (row: number) => Lead {
  const kinds = leadWarnings(context.warnings, table)
  const [opens, clicks] = [countReader(table, 'opens'), countReader(table, 'clicks')]
  const [visits, employees] = [countReader(table, 'visits'), countReader(table, 'employees')]
  return (index) => {
    const cell = (field: LeadField) => table.columns[field][index] ?? ''
    const row: Row = { cell, line: table.lines[index] ?? 0, kinds }
    const standing = hasOptedOut(row, context) ? 'unsubscribed' : standingOf(cell('status'))
    return {
      ...{ line: row.line, email: cell('email'), company: cell('company'), title: cell('title') },
      ...{ source: cell('source'), status: cell('status'), standing },
      created: dayIn(row, 'created', context),
      lastActivity: dayIn(row, 'lastActivity', context),
      ...{ opens: opens(row), clicks: clicks(row), visits: visits(row), employees: employees(row) },
    }
  }
}
