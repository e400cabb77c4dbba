import type { ResultTable } from '../../../src/contracts/envelope.ts'
import { resultTable } from '../../shared/result-tables.ts'
import { counted } from '../../shared/wording.ts'
import { type Findings, shownName } from './findings.ts'

const agentsNamed = 5

interface Action {
  who: string
  action: string
  reason: string
  deals: number
  value: string | null
}

/** Who should do what next, the most valuable first. */
export function nextActionTable(findings: Findings): ResultTable {
  const actions = [...staleReviews(findings), ...cleanUps(findings)]
  return resultTable(
    'Next actions',
    {
      priority: ['Priority', 'number'],
      who: ['Who', 'text'],
      action: ['Action', 'text'],
      reason: ['Why', 'text'],
      deals: ['Deals', 'number'],
      value: ['Expected value', 'money'],
    },
    actions.map((action, index) => ({ priority: index + 1, ...action })),
  )
}

function staleReviews({ stalled }: Findings): Action[] {
  return stalled.byAgent.slice(0, agentsNamed).map(({ agent, deals, expectedValue }) => ({
    who: shownName(agent, 'agent'),
    action: `Agree on a dated next step for ${counted(deals, 'stalled deal')}, or close ${deals === 1 ? 'it' : 'them'} as lost`,
    reason: `Open for more than ${stalled.afterDays} days`,
    deals,
    value: expectedValue,
  }))
}

function cleanUps({ stalled, measures, forecast }: Findings): Action[] {
  const undated = forecast.openDeals - stalled.aged
  const unnamed = measures.accounts.find((account) => account.name === '')?.open ?? 0
  const cleanUp = (action: string, reason: string, deals: number): Action[] =>
    deals === 0 ? [] : [{ who: 'Sales operations', action, reason, deals, value: null }]
  return [
    ...cleanUp(
      'Close deals that are older than any that was won',
      'They are very unlikely to be won',
      stalled.beyondAnyWin,
    ),
    ...cleanUp('Name the account of open deals', 'Without it nobody can see what is at stake where', unnamed),
    ...cleanUp('Enter the opening date of open deals', 'Without it their age is unknown', undated),
  ]
}
