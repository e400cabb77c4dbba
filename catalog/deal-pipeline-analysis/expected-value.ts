import { type Decimal, decimalOf, divide, multiply, parseDecimal, zero } from '../shared/decimal.ts'
import type { ForecastLine, Measures, Tally, WeightBasis } from './measures.ts'

/** A product with fewer closed deals than this borrows the win rate of all deals. */
export const fewestClosed = 20
/** A product with fewer won deals than this borrows the average value of all won deals. */
export const fewestWon = 5

export type Weight = ForecastLine['weight']

/** The chance that an open deal is won: its product's win rate, else that of all deals, else one half. */
export function weightOf(product: Tally, total: Tally): Weight {
  if (closedDeals(product) >= fewestClosed) return weight(product, 'product')
  if (closedDeals(total) > 0) return weight(total, 'all')
  return { won: 1, closed: 2, basis: 'none' }
}

function weight(tally: Tally, basis: WeightBasis): Weight {
  return { won: tally.won, closed: closedDeals(tally), basis }
}

function closedDeals(tally: Tally): number {
  return tally.won + tally.lost
}

/** What a deal without a value is taken to be worth: the average won deal of its product, else of all. */
export function averageOf(product: Tally, total: Tally): { value: Decimal; isOfAll: boolean } {
  const isOfAll = product.wonWithValue < fewestWon
  const base = isOfAll ? total : product
  if (base.wonWithValue === 0) return { value: zero, isOfAll }
  return { value: divide(parseDecimal(base.wonValue), decimalOf(base.wonWithValue), 2), isOfAll }
}

/** A value times its chance, with two decimals, half to even. */
export function weighted(value: Decimal, { won, closed }: Weight): Decimal {
  return divide(multiply(value, decimalOf(won)), decimalOf(closed), 2)
}

export interface ProductModel {
  weight: Weight
  average: Decimal
  isAverageOfAll: boolean
}

/** Weight and average value of every product by its name. */
export function productModels(measures: Measures): Map<string, ProductModel> {
  return new Map(
    measures.products.map((product) => {
      const { value, isOfAll } = averageOf(product, measures.total)
      return [product.name, { weight: weightOf(product, measures.total), average: value, isAverageOfAll: isOfAll }]
    }),
  )
}
