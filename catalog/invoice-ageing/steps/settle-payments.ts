import type { Warning } from '../../../src/contracts/envelope.ts'
import type { Day } from '../../shared/calendar.ts'
import { compare, type Decimal, decimalText, parseDecimal, subtract, zero } from '../../shared/decimal.ts'
import { type PackedRows, packRows, unpackRows } from '../../shared/packed-rows.ts'
import { collectWarnings, type WarningList } from '../../shared/warnings.ts'
import { counted } from '../../shared/wording.ts'
import type { Credit, Invoice, OpenInvoice, PaidInvoice } from '../invoice.ts'
import { joinRows } from '../joining.ts'

export type Settled = {
  open: PackedRows<OpenInvoice>
  credits: Credit[]
  paidInvoices: PackedRows<PaidInvoice>
  paidCount: number
  voidCount: number
  warnings: Warning[]
}

/** What counts on the day of the report: no cancelled, no future invoices, no later payments. */
function onTheDay(invoices: readonly Invoice[], asOf: Day, warnings: WarningList): Invoice[] {
  const kind = (code: string, sentence: (rows: string) => string) =>
    warnings.kind(code, [], (count) => sentence(counted(count, 'row')))
  const cancelled = kind(
    'cancelled_invoices',
    (rows) => `Left out of all figures: ${rows} whose status says cancelled or draft.`,
  )
  const future = kind('issued_later', (rows) => `Left out of all figures: ${rows} dated after the day of the report.`)
  const later = kind(
    'paid_later',
    (rows) => `In ${rows} the payment came after the day of the report; it does not count yet.`,
  )
  return invoices.flatMap((invoice) => {
    const isFuture = invoice.issued !== null && invoice.issued > asOf
    if (invoice.isVoid) cancelled.at(invoice.line)
    else if (isFuture) future.at(invoice.line)
    if (invoice.isVoid || isFuture) return []
    if (invoice.paidOn === null || invoice.paidOn <= asOf) return [invoice]
    later.at(invoice.line)
    return [{ ...invoice, paid: '0', paidOn: null }]
  })
}

function openOf({ amount, paid }: Invoice): Decimal {
  return subtract(parseDecimal(amount), parseDecimal(paid))
}

function invoiceKey(number: string, customer: string, currency: string): string {
  return [number, customer, currency].join('\n')
}

type Remainder = { invoice: Invoice; open: Decimal; credited: Decimal }

/** Takes a credit note off the invoice it names, as far as that is open; gives what is left of it. */
function useCredit(credit: Invoice, byKey: Map<string, Remainder>): Decimal {
  const available = subtract(zero, openOf(credit))
  const target = byKey.get(invoiceKey(credit.reference, credit.customer, credit.currency))
  if (!target || credit.reference === '' || target.open.units <= 0n || available.units <= 0n) return available
  const used = compare(available, target.open) < 0 ? available : target.open
  target.open = subtract(target.open, used)
  target.credited = subtract(target.credited, subtract(zero, used))
  return subtract(available, used)
}

function creditFrom(invoice: Invoice, kind: Credit['kind'], left: Decimal): Credit[] {
  const { line, number, customer, currency } = invoice
  return left.units > 0n ? [{ line, number, customer, kind, open: decimalText(left), currency }] : []
}

function openInvoice({ invoice, open, credited }: Remainder): OpenInvoice {
  const { line, number, customer, issued, due, amount, paid, currency } = invoice
  return {
    line,
    number,
    customer,
    issued,
    due,
    amount,
    paid,
    currency,
    credited: decimalText(credited),
    open: decimalText(open),
  }
}

function paidInFull(remainders: readonly Remainder[]): PaidInvoice[] {
  return remainders.flatMap(({ invoice, open, credited }) => {
    const { customer, due, paidOn } = invoice
    return open.units <= 0n && credited.units === 0n && paidOn !== null ? [{ customer, due, paidOn }] : []
  })
}

/** Works out what is open of each invoice after its payments and credit notes. */
export async function code({ asOf, ...input }: { invoices: PackedRows<Invoice>; asOf: Day }): Promise<Settled> {
  const invoices = unpackRows(input.invoices)
  const warnings = collectWarnings()
  const documents = joinRows(onTheDay(invoices, asOf, warnings), warnings)
  const remainders = documents
    .filter(({ isCredit }) => !isCredit)
    .map((invoice) => ({ invoice, open: openOf(invoice), credited: zero }))
  const byKey = new Map<string, Remainder>()
  for (const remainder of remainders) {
    const { number, customer, currency } = remainder.invoice
    byKey.set(invoiceKey(number, customer, currency), remainder)
  }
  const unused = documents
    .filter(({ isCredit }) => isCredit)
    .flatMap((credit) => creditFrom(credit, 'credit note', useCredit(credit, byKey)))
  const overpaid = remainders.flatMap(({ invoice, open }) => creditFrom(invoice, 'overpayment', subtract(zero, open)))
  const open = remainders.filter((remainder) => remainder.open.units > 0n)
  return {
    open: packRows(open.map(openInvoice)),
    credits: [...unused, ...overpaid],
    paidInvoices: packRows(paidInFull(remainders)),
    paidCount: remainders.length - open.length,
    voidCount: invoices.filter(({ isVoid }) => isVoid).length,
    warnings: warnings.toList(),
  }
}
