import { add, compare, type Decimal, decimalText, parseDecimal } from '../shared/decimal.ts'
import { grouped } from '../shared/grouping.ts'
import type { WarningList } from '../shared/warnings.ts'
import { counted } from '../shared/wording.ts'
import type { Invoice } from './invoice.ts'

function kindsOf(warnings: WarningList) {
  const kind = (code: string, sentence: (rows: string) => string) =>
    warnings.kind(code, [], (count) => sentence(counted(count, 'row')))
  return {
    repeated: kind('repeated_row', (rows) => `Left out: ${rows} that repeated an earlier row in every value.`),
    joined: kind(
      'joined_payments',
      (rows) => `Joined: ${rows} with a further payment of an invoice named before; the payments were added up.`,
    ),
    differing: kind(
      'repeated_number',
      (rows) =>
        `Counted as an invoice of its own: ${rows} with the number of an earlier row but another amount or date. Check whether that is right.`,
    ),
  }
}

function sameDocument(invoice: Invoice): string {
  return [invoice.amount, invoice.issued, invoice.due, invoice.isVoid].join('|')
}

function samePayment(invoice: Invoice): string {
  return `${sameDocument(invoice)}|${invoice.paid}|${invoice.paidOn}|${invoice.reference}`
}

function largest(values: readonly Decimal[]): Decimal {
  return values.reduce((most, value) => (compare(value, most) > 0 ? value : most))
}

/** Adds the payments up; more than the amount means that each row already held the running total. */
function joined(rows: readonly [Invoice, ...Invoice[]]): Invoice {
  const [first] = rows
  const payments = rows.map(({ paid }) => parseDecimal(paid))
  const total = payments.reduce(add)
  const paid = compare(total, parseDecimal(first.amount)) > 0 ? largest(payments) : total
  const days = rows.map(({ paidOn }) => paidOn).filter((day) => day !== null)
  return { ...first, paid: decimalText(paid), paidOn: days.length === 0 ? null : Math.max(...days) }
}

/** One invoice for each document: repeated rows once, several payments of one invoice added up. */
export function joinRows(invoices: readonly Invoice[], warnings: WarningList): Invoice[] {
  const kinds = kindsOf(warnings)
  const keyOf = ({ number, customer, currency, isCredit, line }: Invoice) =>
    number === '' ? `line ${line}` : [number, customer, currency, isCredit].join('\n')
  const result: Invoice[] = []
  for (const rows of grouped(invoices, keyOf).values()) {
    const different = [...grouped(rows, samePayment).values()].map((same) => {
      for (const { line } of same.slice(1)) kinds.repeated.at(line)
      return same[0]
    })
    const documents = [
      ...grouped(
        different.filter((row) => row !== undefined),
        sameDocument,
      ).values(),
    ]
    documents.forEach(([first, ...more], position) => {
      if (!first) return
      if (position > 0) kinds.differing.at(first.line)
      for (const { line } of more) kinds.joined.at(line)
      result.push(more.length === 0 ? first : joined([first, ...more]))
    })
  }
  return result
}
