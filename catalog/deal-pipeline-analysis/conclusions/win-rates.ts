import type { Insight } from '../../../src/contracts/envelope.ts'
import { isBeyondChance, percentOf } from '../../shared/statistics.ts'
import { counted, listed, percent, readable } from '../../shared/wording.ts'
import type { Tally } from '../measures.ts'
import { type Conclusion, closedOf, type Findings } from './findings.ts'

const fewestClosed = 20
const namedAtMost = 3

/** The share of closed deals that were won. */
export const overallWinRate: Conclusion = ({ measures: { total } }) => {
  const closed = closedOf(total)
  if (closed === 0) return undefined
  const rate = percentOf(total.won, closed)
  return {
    id: 'win-rate',
    title: 'How many deals are won',
    finding: `${readable(total.won)} of ${counted(closed, 'closed deal')} were won, a win rate of ${percent(rate)}.`,
    computation: 'Won deals divided by won and lost deals. Open deals do not count.',
    action: 'Use this rate as the yardstick for agents, products and accounts below.',
    importance: 'medium',
    figures: [
      { label: 'Win rate', value: rate, type: 'percent' },
      { label: 'Won value', value: total.wonValue, type: 'money' },
    ],
  }
}

export const agentWinRates: Conclusion = (findings) =>
  compared(findings, findings.measures.agents, {
    id: 'agent-win-rates',
    noun: 'agent',
    action: (best, worst) =>
      `Let ${listed(best) || 'the most successful agents'} show the team how they qualify and close; go through the lost deals of ${listed(worst) || 'the weakest agents'} together.`,
  })

export const productWinRates: Conclusion = (findings) =>
  compared(findings, findings.measures.products, {
    id: 'product-win-rates',
    noun: 'product',
    action: (best, worst) =>
      `Lead with ${listed(best) || 'what wins most often'}; check price, fit and offer of ${listed(worst) || 'what wins least often'}.`,
  })

export const accountWinRates: Conclusion = (findings) =>
  compared(findings, findings.measures.accounts, {
    id: 'account-win-rates',
    noun: 'account',
    action: (best, worst) =>
      `Look for further business with ${listed(best) || 'the most loyal accounts'}; ask ${listed(worst) || 'the weakest accounts'} why they decline before offering again.`,
  })

interface Comparison {
  id: string
  noun: string
  action: (best: string[], worst: string[]) => string
}

interface Rated {
  name: string
  rate: number
  isAbove: boolean
}

/** Groups that win clearly more or less often than all deals: by more than chance explains, and with enough deals. */
function compared(
  { measures: { total } }: Findings,
  groups: Tally[],
  { id, noun, action }: Comparison,
): Insight | undefined {
  const overall = total.won / closedOf(total)
  const judged = groups.filter((group) => group.name !== '' && closedOf(group) >= fewestClosed)
  if (judged.length < 2) return undefined
  const rated = judged
    .filter((group) => isBeyondChance(group.won / closedOf(group), closedOf(group), overall))
    .map((group) => rate(group, overall))
  const best = rated
    .filter((one) => one.isAbove)
    .sort((a, b) => b.rate - a.rate)
    .slice(0, namedAtMost)
  const worst = rated
    .filter((one) => !one.isAbove)
    .sort((a, b) => a.rate - b.rate)
    .slice(0, namedAtMost)
  const isNotable = best.length + worst.length > 0
  return {
    id,
    title: `Win rate by ${noun}`,
    finding: isNotable
      ? sentenceOf(best, worst)
      : `No ${noun} wins clearly more or less often than the others; the differences are within chance.`,
    computation: `Won divided by won and lost deals for each of the ${counted(judged.length, noun)} with at least ${fewestClosed} closed deals; named are those that differ from all deals by more than two standard errors.`,
    action: isNotable
      ? action(
          best.map(({ name }) => name),
          worst.map(({ name }) => name),
        )
      : `Do not rank by win rate here; compare won value by ${noun} instead.`,
    importance: isNotable ? 'high' : 'low',
    figures: [...best, ...worst].map((one) => ({ label: one.name, value: one.rate, type: 'percent' })),
  }
}

function rate(group: Tally, overall: number): Rated {
  const closed = closedOf(group)
  return { name: group.name, rate: percentOf(group.won, closed) ?? 0, isAbove: group.won / closed > overall }
}

function sentenceOf(best: Rated[], worst: Rated[]): string {
  const named = (rated: Rated[]) => listed(rated.map((one) => `${one.name} (${percent(one.rate)})`))
  const parts = [
    ...(best.length > 0 ? [`clearly more often than the rest: ${named(best)}`] : []),
    ...(worst.length > 0 ? [`clearly less often: ${named(worst)}`] : []),
  ]
  return `Deals are won ${parts.join('; ')}.`
}
