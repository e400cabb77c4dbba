import type { Day } from '../../shared/calendar.ts'
import type { AgedInvoice, Bucket, OpenInvoice } from '../invoice.ts'

/** An invoice is overdue from the day after its due date. */
export function bucketOf(daysOverdue: number): Bucket {
  if (daysOverdue <= 0) return 'not due'
  if (daysOverdue <= 30) return '1 to 30 days'
  if (daysOverdue <= 60) return '31 to 60 days'
  return daysOverdue <= 90 ? '61 to 90 days' : 'over 90 days'
}

export async function code({ open, asOf }: { open: OpenInvoice[]; asOf: Day }): Promise<{ aged: AgedInvoice[] }> {
  const aged = open.map((invoice) => {
    const daysOverdue = asOf - invoice.due
    return { ...invoice, daysOverdue, bucket: bucketOf(daysOverdue) }
  })
  return { aged }
}
