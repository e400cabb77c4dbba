import type { ResultTable } from '../../../src/contracts/envelope.ts'
import { resultTable } from '../../shared/result-tables.ts'
import { percentOf } from '../../shared/statistics.ts'
import type { ForecastLine } from '../measures.ts'
import { type Findings, shownName } from './findings.ts'

export function forecastTable({ forecast, options }: Findings): ResultTable {
  const { lines } = forecast
  const cut = lines.length > options.topN ? ` (the ${options.topN} highest of ${lines.length} products)` : ''
  return resultTable(
    `Weighted forecast by product${cut}`,
    {
      product: ['Product', 'text'],
      deals: ['Open deals', 'number'],
      openValue: ['Value', 'money'],
      averageWonValue: ['Average used', 'money'],
      weight: ['Weight', 'percent'],
      basis: ['Weight taken from', 'text'],
      weightedValue: ['Weighted value', 'money'],
    },
    lines.slice(0, options.topN).map((line) => ({
      product: shownName(line.product, 'product'),
      deals: line.deals,
      openValue: line.openValue,
      averageWonValue: line.averageWonValue,
      weight: percentOf(line.weight.won, line.weight.closed),
      basis: basisOf(line.weight),
      weightedValue: line.weightedValue,
    })),
  )
}

function basisOf({ basis, closed }: ForecastLine['weight']): string {
  switch (basis) {
    case 'product':
      return `${closed} closed deals of the product`
    case 'all':
      return `all ${closed} closed deals`
    case 'none':
      return 'no history: one half'
  }
}

export function stalledTable({ stalled }: Findings): ResultTable {
  const cut =
    stalled.count > stalled.deals.length ? ` (the ${stalled.deals.length} most valuable of ${stalled.count})` : ''
  return resultTable(
    `Deals open for more than ${stalled.afterDays} days${cut}`,
    {
      id: ['Deal', 'text'],
      agent: ['Agent', 'text'],
      account: ['Account', 'text'],
      product: ['Product', 'text'],
      stage: ['Stage', 'text'],
      openedOn: ['Opened', 'date'],
      daysOpen: ['Days open', 'duration'],
      expectedValue: ['Expected value', 'money'],
    },
    stalled.deals.map((deal) => ({
      ...deal,
      agent: shownName(deal.agent, 'agent'),
      account: shownName(deal.account, 'account'),
      product: shownName(deal.product, 'product'),
      stage: shownName(deal.stage, 'stage'),
    })),
  )
}

export function stalledAgentTable({ stalled, options }: Findings): ResultTable {
  return resultTable(
    'Stalled deals by agent',
    { agent: ['Agent', 'text'], deals: ['Stalled deals', 'number'], expectedValue: ['Expected value', 'money'] },
    stalled.byAgent.slice(0, options.topN).map((row) => ({ ...row, agent: shownName(row.agent, 'agent') })),
  )
}
