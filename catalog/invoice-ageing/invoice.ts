import type { Day } from '../shared/calendar.ts'

/** One row of the export. Amounts are exact decimal text; a credit note has a negative amount. */
export type Invoice = {
  line: number
  number: string
  customer: string
  issued: Day | null
  due: Day
  amount: string
  paid: string
  paidOn: Day | null
  currency: string
  /** The invoice that a credit note belongs to, where it says so. */
  reference: string
  isCredit: boolean
  isVoid: boolean
}

export type OpenInvoice = {
  line: number
  number: string
  customer: string
  issued: Day | null
  due: Day
  amount: string
  paid: string
  credited: string
  open: string
  currency: string
}

/** What a customer may still set off: an unused credit note or an overpayment. */
export type Credit = {
  line: number
  number: string
  customer: string
  kind: 'credit note' | 'overpayment'
  open: string
  currency: string
}

/** An invoice paid in full, from which the usual delay of its customer is seen. */
export type PaidInvoice = { customer: string; due: Day; paidOn: Day }

export const buckets = ['not due', '1 to 30 days', '31 to 60 days', '61 to 90 days', 'over 90 days'] as const
export type Bucket = (typeof buckets)[number]

export type AgedInvoice = OpenInvoice & { daysOverdue: number; bucket: Bucket }

/** How late a customer usually pays, from at least two paid invoices. */
export type Habit = { customer: string; paidInvoices: number; delayDays: number }

/** `expected` is null where even the usual delay has passed. */
export type ExpectedPayment = { line: number; expected: Day | null; open: string; currency: string }
