import { parseDecimal } from '../../shared/decimal.ts'
import { percentOf, percentOfAmount } from '../../shared/statistics.ts'
import { counted, percent, roundMoney } from '../../shared/wording.ts'
import { fewestClosed, fewestWon } from '../expected-value.ts'
import type { Forecast } from '../measures.ts'
import { type Conclusion, shownName } from './findings.ts'

/** Which product brings the most money. */
export const valueByProduct: Conclusion = ({ measures: { products, total } }) => {
  const [first] = products
  const all = parseDecimal(total.wonValue)
  if (first === undefined || products.length < 2 || all.units <= 0n) return undefined
  const value = parseDecimal(first.wonValue)
  const valueShare = percentOfAmount(value, all)
  const dealShare = percentOf(first.won, total.won)
  const name = shownName(first.name, 'product')
  return {
    id: 'value-by-product',
    title: 'Where the money comes from',
    finding: `${name} brought ${roundMoney(value)} of ${roundMoney(all)} won, ${percent(valueShare)} of the value with ${percent(dealShare)} of the won deals.`,
    computation:
      'Sum of the values of won deals by product, exact to the last decimal, divided by the sum over all won deals.',
    action: `Protect the supply and the price of ${name}, and compare how much time each product takes per amount won.`,
    importance: 'medium',
    figures: [
      { label: `Won value of ${name}`, value: first.wonValue, type: 'money' },
      { label: 'Share of won value', value: valueShare, type: 'percent' },
    ],
  }
}

/** What the open deals can be expected to bring. */
export const expectedValue: Conclusion = ({ forecast, stalled }) => {
  if (forecast.openDeals === 0) return undefined
  const weighted = parseDecimal(forecast.weightedValue)
  const held = parseDecimal(stalled.expectedValue)
  const heldShare = weighted.units > 0n ? percentOfAmount(held, weighted) : null
  const doubt =
    stalled.count === 0 ? '' : ` Of this, ${roundMoney(held)} (${percent(heldShare)}) sits in stalled deals.`
  return {
    id: 'weighted-forecast',
    title: 'What the open deals are worth',
    finding: `The ${counted(forecast.openDeals, 'open deal')} stand for ${roundMoney(parseDecimal(forecast.openValue))}; weighted with their chance of being won, ${roundMoney(weighted)}.${doubt}`,
    computation: basisSentence(forecast),
    action:
      stalled.count === 0
        ? 'Plan with the weighted value, not with the full one.'
        : 'Plan with the weighted value of the deals that are not stalled, and count the rest only once they move again.',
    importance: 'high',
    figures: [
      { label: 'Value of open deals', value: forecast.openValue, type: 'money' },
      { label: 'Weighted value', value: forecast.weightedValue, type: 'money' },
      { label: 'Of it in stalled deals', value: stalled.expectedValue, type: 'money' },
    ],
  }
}

function basisSentence({ lines, openDeals }: Forecast): string {
  const own = lines.reduce((count, line) => count + line.withOwnValue, 0)
  const isWithoutHistory = lines.some(({ weight }) => weight.basis === 'none')
  const weights = isWithoutHistory
    ? 'There are no closed deals to learn from, so every open deal counts with one half.'
    : `The weight is the win rate of the deal's product among closed deals; a product with fewer than ${fewestClosed} closed deals takes that of all deals.`
  const values =
    own === openDeals
      ? 'Each deal counts with its own value.'
      : `${counted(openDeals - own, 'open deal')} without a value ${openDeals - own === 1 ? 'counts' : 'count'} with the average won deal of their product (of all products when it has fewer than ${fewestWon}).`
  return `${weights} ${values} Amounts are exact and rounded half to even to two decimals.`
}
