import type { Warning } from '../../../src/contracts/envelope.ts'
import { type Day, dayOfIsoDate } from '../../shared/calendar.ts'
import { noteAssumedOrder } from '../../shared/date-notes.ts'
import { dateReader } from '../../shared/date-reading.ts'
import { dateOrders } from '../../shared/date-text.ts'
import { givenText } from '../../shared/given-text.ts'
import { type PackedRows, packRows } from '../../shared/packed-rows.ts'
import { choiceOf, integerOr, optionalText, type StepInput, textMap } from '../../shared/step-input.ts'
import { readTable } from '../../shared/table-reading.ts'
import { mergeSpellings } from '../../shared/text-matching.ts'
import { collectWarnings, type WarningList } from '../../shared/warnings.ts'
import { counted, listed } from '../../shared/wording.ts'
import { invoiceFields } from '../fields.ts'
import type { Invoice } from '../invoice.ts'
import { readInvoices } from '../invoice-reading.ts'

export type ReadInvoices = {
  invoices: PackedRows<Invoice>
  asOf: Day
  rows: number
  unreadRows: number
  warnings: Warning[]
}

const usualTermsDays = 30
const shownSpellings = 5

function givenDay(input: StepInput): Day | undefined {
  const text = optionalText(input, 'asOf')
  const day = text === undefined ? undefined : dayOfIsoDate(text)
  if (text !== undefined && day === undefined) throw new Error('The input "asOf" must be a date such as 2025-09-30.')
  return day
}

function givenCurrency(input: StepInput): string | undefined {
  const text = optionalText(input, 'defaultCurrency')
  if (text !== undefined && !/^[A-Z]{3}$/.test(text)) {
    throw new Error('The input "defaultCurrency" must be a three-letter code such as EUR.')
  }
  return text
}

/** The newest day on which something happened; due dates lie ahead and do not count. */
function newestDay(invoices: readonly Invoice[]): Day | undefined {
  let newest: Day | undefined
  for (const { issued, paidOn } of invoices) {
    for (const day of [issued, paidOn]) if (day !== null && day > (newest ?? day - 1)) newest = day
  }
  return newest
}

function withMergedCustomers(invoices: readonly Invoice[], warnings: WarningList): Invoice[] {
  const counts = new Map<string, number>()
  for (const { customer } of invoices) counts.set(customer, (counts.get(customer) ?? 0) + 1)
  const { canonical, merged } = mergeSpellings(counts)
  if (merged.length > 0) {
    const pairs = merged.slice(0, shownSpellings).map(({ kept, others }) => `${others.join(', ')} as ${kept}`)
    const message = `${counted(merged.length, 'customer is', 'customers are')} spelt in several ways and counted as one: ${listed(pairs)}.`
    warnings.note('merged_spellings', message, ['customer'], merged.length)
  }
  return invoices.map((invoice) => ({ ...invoice, customer: canonical.get(invoice.customer) ?? invoice.customer }))
}

export async function code(input: StepInput): Promise<ReadInvoices> {
  const warnings = collectWarnings()
  const table = readTable(givenText(input, warnings), invoiceFields, {
    overrides: textMap(input, 'columns'),
    warnings,
  })
  const { issued, due, paidOn } = table.columns
  const dates = dateReader([issued, due, paidOn], choiceOf(input, 'dateOrder', ['auto', ...dateOrders]))
  noteAssumedOrder(warnings, dates, [table.headers.issued, table.headers.due, table.headers.paidOn])
  const termsDays = integerOr(input, 'defaultTermsDays', { fallback: usualTermsDays, min: 0, max: 365 })
  const read = readInvoices(table, { warnings, dates, termsDays, currency: givenCurrency(input) })
  const invoices = withMergedCustomers(
    read.filter((invoice) => invoice !== null),
    warnings,
  )
  const asOf = givenDay(input) ?? newestDay(invoices)
  if (asOf === undefined) {
    throw new Error('The file holds no invoice or payment date to count from. Give the day of the report in "asOf".')
  }
  const rows = table.lines.length
  return { invoices: packRows(invoices), asOf, rows, unreadRows: rows - invoices.length, warnings: warnings.toList() }
}
