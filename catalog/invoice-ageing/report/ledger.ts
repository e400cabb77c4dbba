import type { Day } from '../../shared/calendar.ts'
import { type Decimal, subtract } from '../../shared/decimal.ts'
import { Sums } from '../../shared/money.ts'
import type { AgedInvoice, Credit, ExpectedPayment, Habit } from '../invoice.ts'

/** What the steps before found out. */
export type Ledger = {
  asOf: Day
  aged: AgedInvoice[]
  credits: Credit[]
  expectation: { habits: Habit[]; payments: ExpectedPayment[] }
}

export type Position = {
  currency: string
  openInvoices: number
  open: Decimal
  overdue: Decimal
  credits: Decimal
  /** Open less credits. */
  net: Decimal
}

/** What is owed, currency by currency: they are never added together. */
export function positions({ aged, credits }: Ledger): Position[] {
  const sums = { open: new Sums(), overdue: new Sums(), credits: new Sums() }
  const counts = new Map<string, number>()
  for (const { currency, open, daysOverdue } of aged) {
    sums.open.add(currency, open)
    if (daysOverdue > 0) sums.overdue.add(currency, open)
    counts.set(currency, (counts.get(currency) ?? 0) + 1)
  }
  for (const { currency, open } of credits) sums.credits.add(currency, open)
  const currencies = [...new Set([...sums.open.keys(), ...sums.credits.keys()])]
  return currencies.map((currency) => {
    const [open, used] = [sums.open.of(currency), sums.credits.of(currency)]
    const overdue = sums.overdue.of(currency)
    return {
      currency,
      openInvoices: counts.get(currency) ?? 0,
      open,
      overdue,
      credits: used,
      net: subtract(open, used),
    }
  })
}

export function mostOverdueFirst(aged: readonly AgedInvoice[]): AgedInvoice[] {
  return aged
    .filter(({ daysOverdue }) => daysOverdue > 0)
    .sort((a, b) => b.daysOverdue - a.daysOverdue || a.line - b.line)
}
