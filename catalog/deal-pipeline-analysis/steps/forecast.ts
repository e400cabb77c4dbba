import { codedText } from '../../shared/coded-columns.ts'
import { add, compare, type Decimal, decimalText, parseDecimal, sum, zero } from '../../shared/decimal.ts'
import { type Deals, outcomeOf } from '../deals.ts'
import { type ProductModel, productModels, weighted } from '../expected-value.ts'
import type { Forecast, ForecastLine, Measures } from '../measures.ts'

interface OpenDeals {
  deals: number
  withOwnValue: number
  value: Decimal
}

/** Weighs the open deals of each product with the product's own history. */
export const code = async ({ deals, measures }: { deals: Deals; measures: Measures }): Promise<Forecast> => {
  const models = productModels(measures)
  const open = openByProduct(deals, models)
  const lines = [...open].flatMap(([product, sums]) => {
    const model = models.get(product)
    return model === undefined ? [] : [lineOf(product, sums, model)]
  })
  lines.sort((a, b) => compare(parseDecimal(b.weightedValue), parseDecimal(a.weightedValue)))
  const total = (key: 'openValue' | 'weightedValue') => decimalText(sum(lines.map((line) => parseDecimal(line[key]))))
  const openDeals = lines.reduce((count, line) => count + line.deals, 0)
  return { lines, openDeals, openValue: total('openValue'), weightedValue: total('weightedValue') }
}

function openByProduct(deals: Deals, models: Map<string, ProductModel>): Map<string, OpenDeals> {
  const open = new Map<string, OpenDeals>()
  deals.ids.forEach((_, row) => {
    if (outcomeOf(deals, row) !== 'open') return
    const product = codedText(deals.products, row)
    const own = codedText(deals.values, row)
    const sums = open.get(product) ?? { deals: 0, withOwnValue: 0, value: zero }
    sums.deals += 1
    sums.withOwnValue += own === '' ? 0 : 1
    sums.value = add(sums.value, own === '' ? (models.get(product)?.average ?? zero) : parseDecimal(own))
    open.set(product, sums)
  })
  return open
}

function lineOf(product: string, sums: OpenDeals, model: ProductModel): ForecastLine {
  return {
    product,
    deals: sums.deals,
    openValue: decimalText(sums.value),
    withOwnValue: sums.withOwnValue,
    averageWonValue: decimalText(model.average),
    isAverageOfAll: model.isAverageOfAll,
    weight: model.weight,
    weightedValue: decimalText(weighted(sums.value, model.weight)),
  }
}
