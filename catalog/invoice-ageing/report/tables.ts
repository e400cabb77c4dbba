import type { ResultTable } from '../../../src/contracts/envelope.ts'
import { isoDate } from '../../shared/calendar.ts'
import { parseDecimal } from '../../shared/decimal.ts'
import { isoWeek, weekStart } from '../../shared/iso-week.ts'
import { moneyText, Sums, shareOf } from '../../shared/money.ts'
import { resultTable } from '../../shared/result-tables.ts'
import { buckets } from '../invoice.ts'
import { type Ledger, mostOverdueFirst, positions } from './ledger.ts'

export function bucketTable(ledger: Ledger): ResultTable {
  const sums = new Sums()
  const counts = new Map<string, number>()
  for (const { bucket, currency, open } of ledger.aged) {
    sums.add(`${currency} ${bucket}`, open)
    counts.set(`${currency} ${bucket}`, (counts.get(`${currency} ${bucket}`) ?? 0) + 1)
  }
  const rows = positions(ledger).flatMap(({ currency, open }) =>
    buckets.map((bucket) => {
      const key = `${currency} ${bucket}`
      const amount = sums.of(key)
      return { currency, bucket, invoices: counts.get(key) ?? 0, open: moneyText(amount), share: shareOf(amount, open) }
    }),
  )
  const columns = {
    currency: ['Currency', 'text'],
    bucket: ['Overdue by', 'text'],
    invoices: ['Invoices', 'number'],
    open: ['Open', 'money'],
    share: ['Share of open', 'percent'],
  } as const
  return resultTable('Ageing', columns, rows)
}

export function overdueTable({ aged }: Ledger): ResultTable {
  const rows = mostOverdueFirst(aged).map((invoice) => ({
    ...{ number: invoice.number, customer: invoice.customer, due: isoDate(invoice.due) },
    ...{ daysOverdue: invoice.daysOverdue, bucket: invoice.bucket, currency: invoice.currency },
    amount: moneyText(parseDecimal(invoice.amount)),
    paid: moneyText(parseDecimal(invoice.paid)),
    credited: moneyText(parseDecimal(invoice.credited)),
    open: moneyText(parseDecimal(invoice.open)),
    line: invoice.line,
  }))
  const columns = {
    number: ['Invoice', 'text'],
    customer: ['Customer', 'text'],
    due: ['Due', 'date'],
    daysOverdue: ['Overdue', 'duration'],
    bucket: ['Bucket', 'text'],
    currency: ['Currency', 'text'],
    amount: ['Amount', 'money'],
    paid: ['Paid', 'money'],
    credited: ['Credited', 'money'],
    open: ['Open', 'money'],
    line: ['Line in the file', 'number'],
  } as const
  return resultTable('Overdue invoices, the oldest first', columns, rows)
}

export const laterThanUsual = 'later than usual'

export function cashTable({ expectation }: Ledger): ResultTable {
  const sums = new Sums()
  const known = new Map<string, { week: string; start: string | null; currency: string; invoices: number }>()
  for (const { expected, open, currency } of expectation.payments) {
    const week = expected === null ? laterThanUsual : isoWeek(expected)
    const key = `${expected === null ? '' : week} ${currency}`
    const entry = known.get(key) ?? {
      week,
      start: expected === null ? null : weekStart(expected),
      currency,
      invoices: 0,
    }
    known.set(key, { ...entry, invoices: entry.invoices + 1 })
    sums.add(key, open)
  }
  const rows = sums.keys().flatMap((key) => {
    const entry = known.get(key)
    return entry ? [{ ...entry, expected: moneyText(sums.of(key)) }] : []
  })
  const columns = {
    week: ['Week', 'text'],
    start: ['Monday', 'date'],
    currency: ['Currency', 'text'],
    invoices: ['Invoices', 'number'],
    expected: ['Expected', 'money'],
  } as const
  return resultTable('Expected cash by week', columns, rows)
}

export function creditTable({ credits }: Ledger): ResultTable {
  const rows = credits.map(({ number, customer, kind, currency, open, line }) => ({
    ...{ number, customer, kind, currency, line },
    open: moneyText(parseDecimal(open)),
  }))
  const columns = {
    number: ['Document', 'text'],
    customer: ['Customer', 'text'],
    kind: ['Kind', 'text'],
    currency: ['Currency', 'text'],
    open: ['Not yet used', 'money'],
    line: ['Line in the file', 'number'],
  } as const
  return resultTable('Credit notes and overpayments not yet used', columns, rows)
}
