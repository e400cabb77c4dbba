import type { Insight } from '../../../src/contracts/envelope.ts'
import { isBeyondChance, percentOf } from '../../shared/statistics.ts'
import { counted, listed, percent, readable } from '../../shared/wording.ts'
import type { Tally } from '../measures.ts'
import { type Conclusion, closedOf, type Findings } from './findings.ts'

const fewestClosed = 20
const namedAtMost = 3
const shareBeyondTwoErrors = 0.0455

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
  isOutlier: boolean
}

/** The highest and lowest win rates of groups with enough deals, and whether more stand out than chance would give. */
function compared(findings: Findings, groups: Tally[], { id, noun, action }: Comparison): Insight | undefined {
  const rated = ratedGroups(groups, findings.measures.total)
  if (rated.length < 2) return undefined
  const ends = Math.min(namedAtMost, Math.floor(rated.length / 2))
  const best = rated.slice(0, ends)
  const worst = rated.slice(-ends).reverse()
  const outliers = rated.filter((one) => one.isOutlier)
  const byChance = Math.round(rated.length * shareBeyondTwoErrors)
  const isNotable = outliers.length > 2 * byChance
  const named = (isAbove: boolean) => outliers.filter((one) => one.isAbove === isAbove).map(({ name }) => name)
  return {
    id,
    title: `Win rate by ${noun}`,
    finding: `Highest: ${ratesOf(best)}; lowest: ${ratesOf(worst)}. ${outlierSentence(outliers.length, rated.length, noun)}, where chance alone would give about ${byChance}.`,
    computation: `Won divided by won and lost deals for each of the ${counted(rated.length, noun)} with at least ${fewestClosed} closed deals, compared with the win rate of all deals.`,
    action: isNotable
      ? action(named(true).slice(0, namedAtMost), named(false).slice(-namedAtMost))
      : `Read this ranking with care: differences of this size arise by chance. Compare the won value by ${noun} as well.`,
    importance: isNotable ? 'high' : 'low',
    figures: [...best, ...worst].map((one) => ({ label: one.name, value: one.rate, type: 'percent' })),
  }
}

function ratedGroups(groups: Tally[], total: Tally): Rated[] {
  const overall = total.won / closedOf(total)
  return groups
    .filter((group) => group.name !== '' && closedOf(group) >= fewestClosed)
    .map((group) => {
      const closed = closedOf(group)
      const share = group.won / closed
      const isOutlier = isBeyondChance(share, closed, overall)
      return { name: group.name, rate: percentOf(group.won, closed) ?? 0, isAbove: share > overall, isOutlier }
    })
    .sort((a, b) => b.rate - a.rate || (a.name < b.name ? -1 : 1))
}

function ratesOf(rated: Rated[]): string {
  return listed(rated.map((one) => `${one.name} (${percent(one.rate)})`))
}

function outlierSentence(outliers: number, all: number, noun: string): string {
  const verb = outliers === 1 ? 'differs' : 'differ'
  return `${outliers} of ${counted(all, noun)} ${verb} from the rate of all deals by more than two standard errors`
}
