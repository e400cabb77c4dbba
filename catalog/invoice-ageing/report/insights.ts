import type { Insight } from '../../../src/contracts/envelope.ts'
import { isoDate, startOfWeek } from '../../shared/calendar.ts'
import { grouped } from '../../shared/grouping.ts'
import { moneyIn, moneyText, shareOf } from '../../shared/money.ts'
import { counted, listed, percent } from '../../shared/wording.ts'
import { fewestPaidInvoices } from '../steps/expect-cash.ts'
import { amountsByCurrency, type Exposure, exposures } from './customers.ts'
import { type Ledger, mostOverdueFirst, positions } from './ledger.ts'

const named = 5
const largeShare = 30
const fewestDebtors = 3
const slowDays = 14
const weeksAhead = 4

function spoken(invoices: readonly { currency: string; open: string }[]): string {
  return listed(amountsByCurrency(invoices).map(([currency, amount]) => moneyIn(currency, amount)))
}

function moneyFigures(label: string, invoices: readonly { currency: string; open: string }[]): Insight['figures'] {
  return amountsByCurrency(invoices).map(([currency, amount]) => ({
    label: `${label} (${currency})`,
    value: moneyText(amount),
    type: 'money',
  }))
}

function overdue(ledger: Ledger): Insight[] {
  const late = ledger.aged.filter(({ daysOverdue }) => daysOverdue > 0)
  if (late.length === 0) return []
  const shares = positions(ledger)
    .filter((position) => position.overdue.units > 0n)
    .map(({ currency, open, overdue: amount }) => `${percent(shareOf(amount, open))} of the open ${currency}`)
  return [
    {
      id: 'overdue',
      title: `${counted(late.length, 'invoice is', 'invoices are')} overdue`,
      finding: `${spoken(late)} overdue: ${listed(shares)}.`,
      computation: `Open amount after payments and credit notes of invoices due before ${isoDate(ledger.asOf)}; currencies are kept apart.`,
      action: 'Work through the overdue list from the top: a reminder up to 30 days, a call beyond that.',
      importance: 'high',
      figures: moneyFigures('Overdue', late),
    },
  ]
}

function veryOld({ aged }: Ledger): Insight[] {
  const old = mostOverdueFirst(aged).filter(({ bucket }) => bucket === 'over 90 days')
  if (old.length === 0) return []
  const names = old.slice(0, named).map(({ number, line, customer }) => `${number || `line ${line}`} (${customer})`)
  return [
    {
      id: 'over-90-days',
      title: `${counted(old.length, 'invoice is', 'invoices are')} more than 90 days late`,
      finding: `${spoken(old)}, the oldest first: ${listed(names)}.`,
      computation: 'Days from the due date to the day of the report.',
      action:
        'Find out whether each is disputed; agree on instalments, hand over to collection or write down its value.',
      importance: 'high',
      figures: moneyFigures('Over 90 days', old),
    },
  ]
}

function concentration(ledger: Ledger): Insight[] {
  const debtors = exposures(ledger).filter(({ invoices }) => invoices.length > 0)
  const byCurrency = grouped(debtors, ({ currency }) => currency)
  const isOneOfMany = ({ currency }: Exposure) => (byCurrency.get(currency)?.length ?? 0) >= fewestDebtors
  const large = debtors.filter((debtor) => (debtor.share ?? 0) >= largeShare && isOneOfMany(debtor))
  const [largest] = large.toSorted((a, b) => (b.share ?? 0) - (a.share ?? 0))
  if (!largest) return []
  const list = large
    .slice(0, named)
    .map(
      ({ customer, currency, open, share }) =>
        `${customer} with ${moneyIn(currency, open)} (${percent(share)} of the open ${currency})`,
    )
  return [
    {
      id: 'concentration',
      title: 'Much of the money hangs on few customers',
      finding: `${listed(list)}.`,
      computation: `Open amount of a customer divided by all that is open in its currency; named from ${largeShare} %, in currencies with at least ${fewestDebtors} customers.`,
      action: 'Speak with these customers early, and check their credit limits before the next delivery.',
      importance: 'medium',
      figures: [{ label: `Share of ${largest.customer}`, value: largest.share, type: 'percent' }],
    },
  ]
}

function slowPayers({ expectation }: Ledger): Insight[] {
  const slow = expectation.habits
    .filter(({ delayDays }) => delayDays > slowDays)
    .sort((a, b) => b.delayDays - a.delayDays)
  if (slow.length === 0) return []
  const list = slow
    .slice(0, named)
    .map(({ customer, delayDays, paidInvoices }) => `${customer} by ${delayDays} days (${paidInvoices} paid invoices)`)
  return [
    {
      id: 'slow-payers',
      title: `${counted(slow.length, 'customer pays', 'customers pay')} late as a habit`,
      finding: `${listed(list)}.`,
      computation: `Median of the days from due date to payment, customers with at least ${fewestPaidInvoices} paid invoices; named above ${slowDays} days.`,
      action:
        'Agree on shorter terms, part payment in advance or direct debit, and send the reminder before the due date.',
      importance: 'medium',
      figures: slow
        .slice(0, named)
        .map(({ customer, delayDays }) => ({ label: customer, value: delayDays, type: 'duration' })),
    },
  ]
}

function cashAhead({ expectation, asOf }: Ledger): Insight[] {
  const end = startOfWeek(asOf) + weeksAhead * 7
  const soon = expectation.payments.filter(({ expected }) => expected !== null && expected < end)
  const beyond = expectation.payments.filter(({ expected }) => expected === null)
  if (soon.length + beyond.length === 0) return []
  const late =
    beyond.length === 0
      ? ''
      : ` Another ${spoken(beyond)} is later than even the customers' usual delay and is in no week.`
  return [
    {
      id: 'expected-cash',
      title: `${spoken(soon) || 'Nothing'} expected until ${isoDate(end - 1)}`,
      finding: `${counted(soon.length, 'invoice')} should be paid in this and the next ${weeksAhead - 1} weeks.${late}`,
      computation: `Due date plus the customer's usual delay, where at least ${fewestPaidInvoices} paid invoices show it; without them the due date itself. Unused credits are not taken off.`,
      action:
        'Put these sums into the liquidity plan, and count on the late ones only when the customer has confirmed a day.',
      importance: beyond.length > 0 ? 'high' : 'medium',
      figures: [...moneyFigures('Expected', soon), ...moneyFigures('Later than usual', beyond)],
    },
  ]
}

function unusedCredits({ credits }: Ledger): Insight[] {
  if (credits.length === 0) return []
  return [
    {
      id: 'unused-credits',
      title: `${counted(credits.length, 'credit is', 'credits are')} not yet used`,
      finding: `${spoken(credits)} of credit notes and overpayments belong to ${counted(new Set(credits.map(({ customer }) => customer)).size, 'customer')}.`,
      computation:
        'Credit notes less what was taken off the invoice they name, and payments beyond the amount of an invoice.',
      action: 'Settle them against open invoices before sending reminders, or pay them back.',
      importance: 'low',
      figures: moneyFigures('Credits', credits),
    },
  ]
}

export function insightsOf(ledger: Ledger): Insight[] {
  return [overdue, veryOld, concentration, slowPayers, cashAhead, unusedCredits].flatMap((make) => make(ledger))
}
