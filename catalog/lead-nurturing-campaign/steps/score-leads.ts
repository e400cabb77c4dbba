import type { Day } from '../../shared/calendar.ts'
import { type PackedRows, packRows, unpackRows } from '../../shared/packed-rows.ts'
import type { LeadField } from '../fields.ts'
import { type Lead, newestDay, type ScoredLead, type Segment } from '../lead.ts'
import { type Signal, signals } from '../scoring/signals.ts'

export const hotFrom = 50
export const warmFrom = 25
export const dormantAfterDays = 180

type Input = { leads: PackedRows<Lead>; columns: LeadField[]; today: Day }

/** By which signals the leads are scored, and for which the file has no column. */
export type SignalsSeen = { signalsUsed: string[]; signalsMissing: string[] }

function segmentOf(lead: Lead, score: number, today: Day): Segment {
  const newest = newestDay(lead)
  if (newest !== null && today - newest > dormantAfterDays) return 'dormant'
  if (score >= hotFrom) return 'hot'
  return score >= warmFrom ? 'warm' : 'cool'
}

function signed(points: number): string {
  return points < 0 ? String(points) : `+${points}`
}

function scoreLead(lead: Lead, used: readonly Signal[], today: Day): ScoredLead {
  const most = used.reduce((total, signal) => total + signal.most, 0)
  const earned = used.map((signal) => signal.points(lead, today)).filter((points) => points !== null)
  const total = earned.reduce((sum, { points }) => sum + points, 0)
  const score = most === 0 ? 0 : Math.max(0, Math.round((total * 100) / most))
  const list = earned.map(({ points, reason }) => `${signed(points)} ${reason}`).join(', ')
  const { line, email, company, source } = lead
  const reasons = `${total} of ${most} points: ${list || 'no signal'}`
  return { line, email, company, source, score, segment: segmentOf(lead, score, today), reasons }
}

/** Points per signal, added up and set in relation to what the file's columns make possible. */
export async function code({
  leads,
  columns,
  today,
}: Input): Promise<SignalsSeen & { scored: PackedRows<ScoredLead> }> {
  const isUsed = (signal: Signal) => signal.columns.some((column) => columns.includes(column))
  const used = signals.filter(isUsed)
  return {
    scored: packRows(unpackRows(leads).map((lead) => scoreLead(lead, used, today))),
    signalsUsed: used.map(({ name }) => name),
    signalsMissing: signals.filter((signal) => !isUsed(signal)).map(({ name }) => name),
  }
}
