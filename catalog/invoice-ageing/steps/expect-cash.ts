import type { Day } from '../../shared/calendar.ts'
import { grouped } from '../../shared/grouping.ts'
import { type PackedRows, packRows, unpackRows } from '../../shared/packed-rows.ts'
import { median } from '../../shared/statistics.ts'
import type { ExpectedPayment, Habit, OpenInvoice, PaidInvoice } from '../invoice.ts'

export const fewestPaidInvoices = 2

type Input = { open: PackedRows<OpenInvoice>; paidInvoices: PackedRows<PaidInvoice>; asOf: Day }

type Output = { habits: Habit[]; payments: PackedRows<ExpectedPayment> }

/** The median delay of each customer with enough paid invoices, in whole days, rounded to the later day. */
export function habitsOf(paidInvoices: readonly PaidInvoice[]): Habit[] {
  return [...grouped(paidInvoices, ({ customer }) => customer)].flatMap(([customer, invoices]) => {
    const middle = median(invoices.map(({ due, paidOn }) => paidOn - due))
    if (invoices.length < fewestPaidInvoices || middle === undefined) return []
    return [{ customer, paidInvoices: invoices.length, delayDays: Math.ceil(middle) }]
  })
}

export async function code({ open, paidInvoices, asOf }: Input): Promise<Output> {
  const habits = habitsOf(unpackRows(paidInvoices))
  const delays = new Map(habits.map(({ customer, delayDays }) => [customer, delayDays]))
  const payments = unpackRows(open).map((invoice) => {
    const day = invoice.due + (delays.get(invoice.customer) ?? 0)
    return { line: invoice.line, expected: day < asOf ? null : day, open: invoice.open, currency: invoice.currency }
  })
  return { habits, payments: packRows(payments) }
}
