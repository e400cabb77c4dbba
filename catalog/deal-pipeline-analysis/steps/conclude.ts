import type { Envelope } from '../../../src/contracts/envelope.ts'
import { parseDecimal } from '../../shared/decimal.ts'
import { percentOf } from '../../shared/statistics.ts'
import { counted, percent, readable, roundMoney } from '../../shared/wording.ts'
import { figuresOf } from '../conclusions/figures.ts'
import { closedOf, type Findings } from '../conclusions/findings.ts'
import { nextActionTable } from '../conclusions/next-actions.ts'
import { forecastTable, stalledAgentTable, stalledTable } from '../conclusions/open-tables.ts'
import { cycleTimes, deadDeals, stalledDeals } from '../conclusions/pace.ts'
import { cycleTable, groupTable, stageTable } from '../conclusions/tables.ts'
import { expectedValue, valueByProduct } from '../conclusions/value.ts'
import { accountWinRates, agentWinRates, overallWinRate, productWinRates } from '../conclusions/win-rates.ts'

const conclusions = [
  ...[stalledDeals, deadDeals, expectedValue, agentWinRates, productWinRates, accountWinRates],
  ...[overallWinRate, valueByProduct, cycleTimes],
]
const ranks = { high: 0, medium: 1, low: 2 }

/** Turns what was measured into sentences, tables and next actions. */
export const code = async (findings: Findings): Promise<Envelope> => {
  const { measures, options } = findings
  const insights = conclusions.map((conclude) => conclude(findings)).filter((insight) => insight !== undefined)
  return {
    summary: summaryOf(findings),
    insights: insights.sort((a, b) => ranks[a.importance] - ranks[b.importance]),
    data: {
      figures: figuresOf(findings),
      tables: {
        nextActions: nextActionTable(findings),
        stages: stageTable(findings),
        byAgent: groupTable('agent', measures.agents, options.topN),
        byProduct: groupTable('product', measures.products, options.topN),
        byAccount: groupTable('account', measures.accounts, options.topN),
        cycleTimes: cycleTable(findings),
        forecast: forecastTable(findings),
        stalled: stalledTable(findings),
        stalledByAgent: stalledAgentTable(findings),
      },
    },
    effects: [],
    warnings: findings.warnings,
  }
}

function summaryOf({ measures: { total }, forecast, stalled }: Findings): string {
  const closed = closedOf(total)
  const sentences = [
    `${counted(closed + total.open, 'deal')} read: ${readable(total.won)} won, ${readable(total.lost)} lost, ${readable(total.open)} open.`,
    `The win rate is ${percent(percentOf(total.won, closed))} and the won deals are worth ${roundMoney(parseDecimal(total.wonValue))}.`,
    ...(total.open === 0
      ? []
      : [`The open deals can be expected to bring ${roundMoney(parseDecimal(forecast.weightedValue))}.`]),
    ...(stalled.count === 0
      ? []
      : [`${counted(stalled.count, 'open deal')} stalled for more than ${stalled.afterDays} days: begin there.`]),
  ]
  return sentences.join(' ')
}
