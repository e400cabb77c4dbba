import type { ResultTable } from '../../../src/contracts/envelope.ts'
import { compare, type Decimal, parseDecimal, subtract, zero } from '../../shared/decimal.ts'
import { grouped } from '../../shared/grouping.ts'
import { moneyText, Sums, shareOf } from '../../shared/money.ts'
import { resultTable } from '../../shared/result-tables.ts'
import { type AgedInvoice, buckets } from '../invoice.ts'
import { type Ledger, positions } from './ledger.ts'

export type Exposure = {
  customer: string
  currency: string
  invoices: AgedInvoice[]
  open: Decimal
  overdue: Decimal
  credits: Decimal
  share: number | null
}

function sumOf(invoices: readonly AgedInvoice[]): Decimal {
  const sums = new Sums()
  for (const { open } of invoices) sums.add('', open)
  return sums.of('')
}

/** What each customer owes in each currency, the largest open amount of a currency first. */
export function exposures(ledger: Ledger): Exposure[] {
  const totals = new Map(positions(ledger).map(({ currency, open }) => [currency, open]))
  const credits = new Sums()
  const keyOf = ({ customer, currency }: { customer: string; currency: string }) => `${currency}\n${customer}`
  for (const credit of ledger.credits) credits.add(keyOf(credit), credit.open)
  const byCustomer = grouped(ledger.aged, keyOf)
  const keys = [...new Set([...byCustomer.keys(), ...credits.keys()])]
  const rows = keys.map((key) => {
    const [currency = '', customer = ''] = key.split('\n')
    const invoices = byCustomer.get(key) ?? []
    const open = sumOf(invoices)
    const overdue = sumOf(invoices.filter(({ daysOverdue }) => daysOverdue > 0))
    return {
      customer,
      currency,
      invoices,
      open,
      overdue,
      credits: credits.of(key),
      share: shareOf(open, totals.get(currency) ?? zero),
    }
  })
  return rows.sort((a, b) => (a.currency < b.currency ? -1 : a.currency > b.currency ? 1 : compare(b.open, a.open)))
}

function byBucket(invoices: readonly AgedInvoice[]) {
  const sums = new Sums()
  for (const { bucket, open } of invoices) sums.add(bucket, open)
  const [notDue, to30, to60, to90, over90] = buckets.map((bucket) => moneyText(sums.of(bucket)))
  const none = moneyText(zero)
  return { notDue: notDue ?? none, to30: to30 ?? none, to60: to60 ?? none, to90: to90 ?? none, over90: over90 ?? none }
}

export function customerTable(ledger: Ledger): ResultTable {
  const habits = new Map(ledger.expectation.habits.map((habit) => [habit.customer, habit]))
  const rows = exposures(ledger).map(({ customer, currency, invoices, open, overdue, credits, share }) => ({
    ...{ customer, currency, invoices: invoices.length, share, ...byBucket(invoices) },
    ...{ open: moneyText(open), overdue: moneyText(overdue), credits: moneyText(credits) },
    net: moneyText(subtract(open, credits)),
    usualDelay: habits.get(customer)?.delayDays ?? null,
    paidInvoices: habits.get(customer)?.paidInvoices ?? null,
  }))
  const columns = {
    customer: ['Customer', 'text'],
    currency: ['Currency', 'text'],
    invoices: ['Open invoices', 'number'],
    open: ['Open', 'money'],
    share: ['Share of the currency', 'percent'],
    overdue: ['Overdue', 'money'],
    notDue: ['Not due', 'money'],
    to30: ['1 to 30 days', 'money'],
    to60: ['31 to 60 days', 'money'],
    to90: ['61 to 90 days', 'money'],
    over90: ['Over 90 days', 'money'],
    credits: ['Credits', 'money'],
    net: ['Open less credits', 'money'],
    usualDelay: ['Usually late by', 'duration'],
    paidInvoices: ['Seen from paid invoices', 'number'],
  } as const
  return resultTable('Customers', columns, rows)
}

/** Money of the invoices, for currencies kept apart: `EUR 12.00 and GBP 3.00`. */
export function amountsByCurrency(invoices: readonly { currency: string; open: string }[]): [string, Decimal][] {
  const sums = new Sums()
  for (const { currency, open } of invoices) sums.add(currency, parseDecimal(open))
  return sums.keys().map((currency) => [currency, sums.of(currency)])
}
