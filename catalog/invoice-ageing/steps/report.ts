import type { Envelope, Warning } from '../../../src/contracts/envelope.ts'
import { type Day, isoDate } from '../../shared/calendar.ts'
import { moneyIn, moneyText, shareOf } from '../../shared/money.ts'
import { type PackedRows, unpackRows } from '../../shared/packed-rows.ts'
import { counted, listed } from '../../shared/wording.ts'
import type { AgedInvoice, Credit, ExpectedPayment, Habit } from '../invoice.ts'
import { customerTable } from '../report/customers.ts'
import { insightsOf } from '../report/insights.ts'
import { type Ledger, positions } from '../report/ledger.ts'
import { bucketTable, cashTable, creditTable, overdueTable } from '../report/tables.ts'

type Input = Ledger & Rest

type Rest = {
  rows: number
  unreadRows: number
  paidCount: number
  readingWarnings: Warning[]
  settlingWarnings: Warning[]
}

function figuresOf(input: Input) {
  return {
    asOf: isoDate(input.asOf),
    rows: input.rows,
    unreadRows: input.unreadRows,
    openInvoices: input.aged.length,
    overdueInvoices: input.aged.filter(({ daysOverdue }) => daysOverdue > 0).length,
    paidInvoices: input.paidCount,
    unusedCredits: input.credits.length,
    currencies: positions(input).map(({ currency, openInvoices, open, overdue, credits, net }) => ({
      ...{ currency, openInvoices, open: moneyText(open), overdue: moneyText(overdue) },
      ...{ overdueShare: shareOf(overdue, open), credits: moneyText(credits), net: moneyText(net) },
    })),
  }
}

function summaryOf(input: Input): string {
  const figures = figuresOf(input)
  const sums = positions(input).filter(({ openInvoices }) => openInvoices > 0)
  const list = sums.map(
    ({ currency, open, overdue }) => `${moneyIn(currency, open)} open, ${moneyIn(currency, overdue)} of it overdue`,
  )
  const open = list.length === 0 ? 'Nothing is open.' : `${listed(list)}.`
  return `On ${figures.asOf}, ${counted(figures.openInvoices, 'invoice')} of ${counted(figures.rows, 'row')} open, ${figures.overdueInvoices} overdue. ${open}`
}

type Packed = Rest & {
  asOf: Day
  aged: PackedRows<AgedInvoice>
  credits: Credit[]
  expectation: { habits: Habit[]; payments: PackedRows<ExpectedPayment> }
}

export async function code({ aged, expectation, ...rest }: Packed): Promise<Envelope> {
  const payments = unpackRows(expectation.payments)
  const input = { ...rest, aged: unpackRows(aged), expectation: { ...expectation, payments } }
  const tables = {
    buckets: bucketTable(input),
    overdue: overdueTable(input),
    expectedCash: cashTable(input),
    customers: customerTable(input),
    credits: creditTable(input),
  }
  const warnings = [...input.readingWarnings, ...input.settlingWarnings]
  const data = { figures: figuresOf(input), tables }
  return { summary: summaryOf(input), insights: insightsOf(input), data, effects: [], warnings }
}
