import type { Day } from '../shared/calendar.ts'

export type Standing = 'prospect' | 'unsubscribed' | 'bounced' | 'customer' | 'ruled_out'

export type Lead = {
  line: number
  email: string
  company: string
  title: string
  source: string
  status: string
  standing: Standing
  created: Day | null
  lastActivity: Day | null
  opens: number | null
  clicks: number | null
  visits: number | null
  employees: number | null
}

/** The newest day on which the lead is known to have done something, or to have come in. */
export function newestDay({ created, lastActivity }: Lead): Day | null {
  if (created === null || lastActivity === null) return lastActivity ?? created
  return Math.max(created, lastActivity)
}

export const suppressionReasons = {
  missing: 'no address',
  invalid: 'malformed address',
  unsubscribed: 'unsubscribed',
  bounced: 'bounced address',
  customer: 'already a customer',
  ruled_out: 'ruled out by status',
  duplicate: 'duplicate address',
} as const
export type SuppressionReason = keyof typeof suppressionReasons

export type Suppressed = { line: number; email: string; reason: SuppressionReason; keptLine: number | null }

/** From the most to the least promising. */
export const segments = ['hot', 'warm', 'cool', 'dormant'] as const
export type Segment = (typeof segments)[number]

export type ScoredLead = {
  line: number
  email: string
  company: string
  source: string
  /** Points as a share of the points that the file's columns make possible, 0 to 100. */
  score: number
  segment: Segment
  reasons: string
}

export type PlannedMessage = { segment: Segment; number: number; day: Day; theme: string; recipients: number }
