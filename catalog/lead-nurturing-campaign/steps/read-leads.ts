import type { Warning } from '../../../src/contracts/envelope.ts'
import { type Day, dayOfIsoDate } from '../../shared/calendar.ts'
import { noteAssumedOrder } from '../../shared/date-notes.ts'
import { dateReader } from '../../shared/date-reading.ts'
import { dateOrders } from '../../shared/date-text.ts'
import { givenText } from '../../shared/given-text.ts'
import { type PackedRows, packRows } from '../../shared/packed-rows.ts'
import { choiceOf, optionalText, type StepInput, textMap } from '../../shared/step-input.ts'
import { readTable } from '../../shared/table-reading.ts'
import { collectWarnings } from '../../shared/warnings.ts'
import { type LeadField, leadFields } from '../fields.ts'
import type { Lead } from '../lead.ts'
import { leadReader } from '../lead-reading.ts'

export type ReadLeads = {
  leads: PackedRows<Lead>
  /** Fields for which the file has a column. */
  columns: LeadField[]
  /** The day that ages are counted to. */
  today: Day
  start: Day
  isStartGiven: boolean
  warnings: Warning[]
}

function givenStart(input: StepInput): Day | undefined {
  const text = optionalText(input, 'startDate')
  const day = text === undefined ? undefined : dayOfIsoDate(text)
  if (text !== undefined && day === undefined) {
    throw new Error('The input "startDate" must be a date such as 2025-10-01.')
  }
  return day
}

function newestDay(leads: readonly Lead[]): Day | undefined {
  let newest: Day | undefined
  for (const { created, lastActivity } of leads) {
    for (const day of [created, lastActivity]) if (day !== null && day > (newest ?? day - 1)) newest = day
  }
  return newest
}

export async function code(input: StepInput): Promise<ReadLeads> {
  const warnings = collectWarnings()
  const overrides = textMap(input, 'columns')
  const given = givenStart(input)
  const table = readTable(givenText(input, warnings), leadFields, { overrides, warnings })
  const { created, lastActivity } = table.columns
  const dates = dateReader([created, lastActivity], choiceOf(input, 'dateOrder', ['auto', ...dateOrders]))
  noteAssumedOrder(warnings, dates, [table.headers.created, table.headers.lastActivity])
  const leadAt = leadReader(table, { warnings, dates, latest: given ?? null })
  const leads = table.lines.map((_, row) => leadAt(row))
  const newest = newestDay(leads)
  const start = given ?? (newest === undefined ? undefined : newest + 1)
  if (start === undefined) {
    throw new Error('The file holds no date to start from. Give the first day of the campaign in "startDate".')
  }
  const columns = leadFields.map(({ key }) => key).filter((key) => table.headers[key] !== undefined)
  return {
    leads: packRows(leads),
    columns,
    today: newest ?? start,
    start,
    isStartGiven: given !== undefined,
    warnings: warnings.toList(),
  }
}
