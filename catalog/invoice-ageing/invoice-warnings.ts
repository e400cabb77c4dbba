import type { TextTable } from '../shared/table-reading.ts'
import type { WarningList } from '../shared/warnings.ts'
import { counted } from '../shared/wording.ts'
import type { InvoiceField } from './fields.ts'

/** What can be wrong with single rows of an invoice export. */
export function invoiceWarnings(warnings: WarningList, { headers }: TextTable<InvoiceField>) {
  const kind = (code: string, fields: InvoiceField[], sentence: (rows: string) => string) =>
    warnings.kind(
      code,
      fields.flatMap((field) => headers[field] ?? []),
      (count) => sentence(counted(count, 'row')),
    )
  return {
    amount: kind(
      'no_amount',
      ['amount', 'balance'],
      (rows) => `In ${rows} no amount could be read; such a row is in no figure. Correct it and run again.`,
    ),
    dates: kind(
      'no_date',
      ['issued', 'due'],
      (rows) =>
        `In ${rows} neither invoice date nor due date could be read; such a row is in no figure. A line of totals is one of this kind.`,
    ),
    date: kind(
      'unreadable_date',
      ['issued', 'due', 'paidOn'],
      (rows) => `In ${rows} a date could not be read; it counts as missing.`,
    ),
    due: kind(
      'assumed_due_date',
      ['due'],
      (rows) => `In ${rows} the due date is missing; it was set from the invoice date and the payment terms.`,
    ),
    customer: kind(
      'no_customer',
      ['customer'],
      (rows) => `In ${rows} the customer is missing; the amount stands under "(no customer)".`,
    ),
    currency: kind(
      'assumed_currency',
      ['currency'],
      (rows) =>
        `In ${rows} no currency is named; the usual one given was taken, else the only one in the file, else XXX.`,
    ),
    paid: kind(
      'unreadable_payment',
      ['paid', 'balance'],
      (rows) => `In ${rows} the payment could not be read; it counts as not paid.`,
    ),
    paidInFull: kind(
      'assumed_full_payment',
      ['status', 'paidOn'],
      (rows) =>
        `In ${rows} status or payment date say paid but no amount is given; such an invoice counts as paid in full.`,
    ),
  }
}
export type InvoiceWarnings = ReturnType<typeof invoiceWarnings>
