import type { Envelope, Warning } from '../../../src/contracts/envelope.ts'
import { isoDate } from '../../shared/calendar.ts'
import { moneyIn, moneyText, shareOf } from '../../shared/money.ts'
import { counted, listed } from '../../shared/wording.ts'
import { customerTable } from '../report/customers.ts'
import { insightsOf } from '../report/insights.ts'
import { type Ledger, positions } from '../report/ledger.ts'
import { bucketTable, cashTable, creditTable, overdueTable } from '../report/tables.ts'

type Input = Ledger & {
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

export async function code(input: Input): Promise<Envelope> {
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
