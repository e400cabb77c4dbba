import type { Day } from '../../shared/calendar.ts'
import { type PackedRows, packRows, unpackRows } from '../../shared/packed-rows.ts'
import type { AgedInvoice, Bucket, OpenInvoice } from '../invoice.ts'

/** An invoice is overdue from the day after its due date. */
export function bucketOf(daysOverdue: number): Bucket {
  if (daysOverdue <= 0) return 'not due'
  if (daysOverdue <= 30) return '1 to 30 days'
  if (daysOverdue <= 60) return '31 to 60 days'
  return daysOverdue <= 90 ? '61 to 90 days' : 'over 90 days'
}

type Input = { open: PackedRows<OpenInvoice>; asOf: Day }

export async function code({ open, asOf }: Input): Promise<{ aged: PackedRows<AgedInvoice> }> {
  const aged = unpackRows(open).map((invoice) => {
    const daysOverdue = asOf - invoice.due
    return { ...invoice, daysOverdue, bucket: bucketOf(daysOverdue) }
  })
  return { aged: packRows(aged) }
}
