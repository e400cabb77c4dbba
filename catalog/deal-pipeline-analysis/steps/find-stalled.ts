import { dayOfIsoDate, isoDate } from '../../shared/calendar.ts'
import { codedText } from '../../shared/coded-columns.ts'
import { add, compare, type Decimal, decimalText, parseDecimal, sum, zero } from '../../shared/decimal.ts'
import { type Deals, type Options, outcomeOf } from '../deals.ts'
import { type ProductModel, productModels, weighted } from '../expected-value.ts'
import type { Measures, Stalled, StalledAgent, StalledDeal } from '../measures.ts'

const fallbackDays = 90
const fewestCycles = 20

interface Candidate {
  row: number
  daysOpen: number
  expected: Decimal
}

/** Finds open deals that are older than deals that were won, the most valuable first. */
export const code = async (input: { deals: Deals; measures: Measures; options: Options }): Promise<Stalled> => {
  const { deals, measures, options } = input
  const limit = limitOf(options, measures)
  const aged = agedDeals(deals, dayOfIsoDate(options.asOf), productModels(measures))
  const stalled = aged.filter(({ daysOpen }) => daysOpen > limit.afterDays)
  stalled.sort((a, b) => compare(b.expected, a.expected) || b.daysOpen - a.daysOpen || a.row - b.row)
  const longest = measures.cycle.won.longestDays
  return {
    ...limit,
    aged: aged.length,
    count: stalled.length,
    expectedValue: decimalText(sum(stalled.map(({ expected }) => expected))),
    beyondAnyWin: longest === null ? 0 : aged.filter(({ daysOpen }) => daysOpen > longest).length,
    byAgent: byAgent(deals, stalled),
    deals: stalled.slice(0, options.topN).map((candidate) => stalledDeal(deals, candidate)),
  }
}

function limitOf({ stalledAfterDays }: Options, { cycle }: Measures): Pick<Stalled, 'afterDays' | 'basis'> {
  if (stalledAfterDays !== null) return { afterDays: stalledAfterDays, basis: 'given' }
  if (cycle.won.p90Days !== null && cycle.won.deals >= fewestCycles)
    return { afterDays: cycle.won.p90Days, basis: 'won' }
  return { afterDays: fallbackDays, basis: 'fallback' }
}

function agedDeals(deals: Deals, asOf: number | undefined, models: Map<string, ProductModel>): Candidate[] {
  const aged: Candidate[] = []
  deals.opened.forEach((opened, row) => {
    if (opened === null || asOf === undefined || opened > asOf || outcomeOf(deals, row) !== 'open') return
    const model = models.get(codedText(deals.products, row))
    const own = codedText(deals.values, row)
    const value = own === '' ? (model?.average ?? zero) : parseDecimal(own)
    aged.push({ row, daysOpen: asOf - opened, expected: model === undefined ? zero : weighted(value, model.weight) })
  })
  return aged
}

function byAgent(deals: Deals, stalled: Candidate[]): StalledAgent[] {
  const agents = new Map<string, { deals: number; sum: Decimal }>()
  for (const { row, expected } of stalled) {
    const agent = codedText(deals.agents, row)
    const entry = agents.get(agent) ?? { deals: 0, sum: zero }
    agents.set(agent, { deals: entry.deals + 1, sum: add(entry.sum, expected) })
  }
  return [...agents]
    .sort(([a, one], [b, other]) => compare(other.sum, one.sum) || (a < b ? -1 : 1))
    .map(([agent, entry]) => ({ agent, deals: entry.deals, expectedValue: decimalText(entry.sum) }))
}

function stalledDeal(deals: Deals, { row, daysOpen, expected }: Candidate): StalledDeal {
  return {
    id: deals.ids[row] ?? '',
    agent: codedText(deals.agents, row),
    account: codedText(deals.accounts, row),
    product: codedText(deals.products, row),
    stage: codedText(deals.stages, row),
    openedOn: isoDate(deals.opened[row] ?? 0),
    daysOpen,
    expectedValue: decimalText(expected),
  }
}
