import type { Warning } from '../../../src/contracts/envelope.ts'
import type { Day } from '../../shared/calendar.ts'
import type { ScoredLead, Segment, Suppressed } from '../lead.ts'
import type { Plan } from '../steps/plan-messages.ts'
import type { SignalsSeen } from '../steps/score-leads.ts'

/** What the steps before found out. */
export type Campaign = {
  name: string
  start: Day
  isStartGiven: boolean
  scoring: SignalsSeen & { scored: ScoredLead[] }
  plan: Plan
  suppressed: Suppressed[]
  warnings: Warning[]
}

export function leadsIn(campaign: Campaign, segment: Segment): ScoredLead[] {
  return campaign.scoring.scored.filter((lead) => lead.segment === segment)
}

export function isScheduled(campaign: Campaign, lead: ScoredLead): boolean {
  return campaign.plan.days[lead.segment].length > 0
}

export function meanScore(leads: readonly ScoredLead[]): number | null {
  if (leads.length === 0) return null
  return Math.round((leads.reduce((sum, { score }) => sum + score, 0) * 10) / leads.length) / 10
}
