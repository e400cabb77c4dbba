import type { Day } from '../shared/calendar.ts'
import type { DateReader } from '../shared/date-reading.ts'
import { type Decimal, decimalText, subtract, zero } from '../shared/decimal.ts'
import { currencyIn, noCurrency } from '../shared/money.ts'
import { type NumberReader, numberReader } from '../shared/number-reading.ts'
import type { TextTable } from '../shared/table-reading.ts'
import { tidyText } from '../shared/text-matching.ts'
import type { WarningList } from '../shared/warnings.ts'
import { isCreditNote, stateOf, termsDays } from './document-words.ts'
import type { InvoiceField } from './fields.ts'
import type { Invoice } from './invoice.ts'
import { type InvoiceWarnings, invoiceWarnings } from './invoice-warnings.ts'

export type ReadingRules = { warnings: WarningList; dates: DateReader; termsDays: number; currency: string | undefined }

type Row = { cell: (field: InvoiceField) => string; line: number; kinds: InvoiceWarnings; rules: ReadingRules }

type Numbers = NumberReader['read']

function dayIn({ cell, line, kinds, rules }: Row, field: 'issued' | 'due' | 'paidOn'): Day | null {
  const text = cell(field)
  const day = text === '' ? undefined : rules.dates.read(text)
  if (text !== '' && day === undefined) kinds.date.at(line)
  return day ?? null
}

function dueDay(row: Row, issued: Day | null, isCredit: boolean): Day | null {
  const due = dayIn(row, 'due')
  if (due !== null || issued === null) return due
  if (isCredit) return issued
  row.kinds.due.at(row.line)
  return issued + (termsDays(row.cell('terms')) ?? row.rules.termsDays)
}

function currencyOf({ cell, line, kinds, rules }: Row): string {
  const named = currencyIn(cell('currency')) ?? currencyIn(cell('amount'))
  if (named === undefined) kinds.currency.at(line)
  return named ?? rules.currency ?? noCurrency
}

type Amounts = { amount: Decimal; paid: Decimal; isCredit: boolean }

function isSaidPaid({ cell }: Row, paidOn: Day | null): boolean {
  const state = stateOf(cell('status'))
  return state === 'paid' || (state === undefined && paidOn !== null)
}

/** What was paid: as written, else from the balance, else all of it where status or date say paid. */
function paidOf(row: Row, amount: Decimal, read: Numbers, paidOn: Day | null): Decimal {
  const [paidText, balanceText] = [row.cell('paid'), row.cell('balance')]
  const paid = read(paidText)
  if (paid !== undefined) return paid
  const balance = read(balanceText)
  if (balance !== undefined) return subtract(amount, balance)
  if (isSaidPaid(row, paidOn)) {
    row.kinds.paidInFull.at(row.line)
    return amount
  }
  if (paidText !== '' || balanceText !== '') row.kinds.paid.at(row.line)
  return zero
}

function negative(value: Decimal): Decimal {
  return value.units > 0n ? subtract(zero, value) : value
}

function amountsOf(row: Row, read: Numbers, paidOn: Day | null, isMarkedCredit: boolean): Amounts | null {
  const amount = read(row.cell('amount')) ?? read(row.cell('balance'))
  if (amount === undefined) return null
  const paid = paidOf(row, amount, read, paidOn)
  const isCredit = isMarkedCredit || amount.units < 0n
  return isCredit ? { amount: negative(amount), paid: negative(paid), isCredit } : { amount, paid, isCredit }
}

function invoiceOf(row: Row, read: Numbers): Invoice | null {
  const { cell, line, kinds } = row
  const paidOn = dayIn(row, 'paidOn')
  const amounts = amountsOf(row, read, paidOn, isCreditNote(cell('kind')))
  const issued = dayIn(row, 'issued')
  const due = amounts === null ? null : dueDay(row, issued, amounts.isCredit)
  if (amounts === null) kinds.amount.at(line)
  else if (due === null) kinds.dates.at(line)
  if (amounts === null || due === null) return null
  if (cell('customer') === '') kinds.customer.at(line)
  return {
    ...{ line, number: cell('number'), customer: tidyText(cell('customer')) || '(no customer)' },
    ...{ issued, due, paidOn, currency: currencyOf(row), reference: cell('reference') },
    ...{ amount: decimalText(amounts.amount), paid: decimalText(amounts.paid) },
    ...{ isCredit: amounts.isCredit, isVoid: stateOf(cell('status')) === 'void' },
  }
}

/** The only currency that the file names anywhere, or undefined. */
function soleCurrency({ columns }: TextTable<InvoiceField>): string | undefined {
  const named = new Set([...new Set([...columns.currency, ...columns.amount])].map(currencyIn))
  named.delete(undefined)
  return named.size === 1 ? [...named][0] : undefined
}

/** Reads the rows; those without an amount or a date are reported and give null. */
export function readInvoices(table: TextTable<InvoiceField>, rules: ReadingRules): (Invoice | null)[] {
  const kinds = invoiceWarnings(rules.warnings, table)
  const { amount, paid, balance } = table.columns
  const numbers = numberReader([...amount, ...paid, ...balance])
  if (numbers.isAssumed) {
    const message = 'Amounts such as 1.234 could be read two ways; they were read as thousands.'
    rules.warnings.note('assumed_decimal_mark', message, [table.headers.amount ?? 'amount'])
  }
  const currency = rules.currency ?? soleCurrency(table)
  return table.lines.map((line, index) => {
    const cell = (field: InvoiceField) => table.columns[field][index] ?? ''
    return invoiceOf({ cell, line, kinds, rules: { ...rules, currency } }, numbers.read)
  })
}
