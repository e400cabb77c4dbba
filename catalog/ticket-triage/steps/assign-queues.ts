import { type PackedRows, packRows, unpackRows } from '../../shared/packed-rows.ts'
import { queueOf } from '../rules/categories.ts'
import { answerHours } from '../rules/urgencies.ts'
import type { Decision, Duplicate, Minute, Ticket, TriagedTicket } from '../ticket.ts'

type Input = { tickets: Ticket[]; decisions: Decision[]; duplicates: Duplicate[]; asOf: Minute | null | '' }

type Packed = {
  tickets: PackedRows<Ticket>
  decisions: PackedRows<Decision>
  duplicates: PackedRows<Duplicate>
  asOf: Input['asOf']
}

export type DuplicateGroup = { first: string; members: string[]; lines: number[]; subject: string; reasons: string[] }

export type Assignment = { triaged: PackedRows<TriagedTicket>; groups: DuplicateGroup[]; closedCount: number }

const incidentQueue = 'Incident response'

function queueFor(decision: Decision): string {
  if (decision.queue !== null) return decision.queue
  const isIncident = decision.category === 'technical' && decision.urgency === 'critical'
  return isIncident ? incidentQueue : queueOf[decision.category]
}

/** For each position the first position of its group. */
function roots(tickets: readonly Ticket[], duplicates: readonly Duplicate[]): number[] {
  const of = new Map(duplicates.map((duplicate) => [duplicate.position, duplicate.of]))
  return tickets.map((_, position) => {
    const chain: number[] = []
    let at = position
    for (let next = of.get(at); next !== undefined; next = of.get(at)) {
      chain.push(at)
      at = next
    }
    // Shortened on the way back, so that a long chain is walked once only.
    for (const member of chain) of.set(member, at)
    return at
  })
}

export function labelOf(ticket: Ticket | undefined): string {
  if (!ticket) return ''
  return ticket.id === '' ? `line ${ticket.line}` : ticket.id
}

/** Two rows may bear one number. */
function nameBeside(original: Ticket, ticket: Ticket): string {
  return original.id === ticket.id ? `${labelOf(original)} (line ${original.line})` : labelOf(original)
}

function groupsOf(input: Input, rootOf: readonly number[]): DuplicateGroup[] {
  const groups = new Map<number, DuplicateGroup>()
  for (const { position, reason } of input.duplicates) {
    const first = input.tickets[rootOf[position] ?? position]
    const ticket = input.tickets[position]
    if (!first || !ticket) continue
    const group = groups.get(rootOf[position] ?? position) ?? {
      first: labelOf(first),
      members: [],
      lines: [first.line],
      subject: first.subject,
      reasons: [],
    }
    group.members.push(labelOf(ticket))
    group.lines.push(ticket.line)
    if (!group.reasons.includes(reason)) group.reasons.push(reason)
    groups.set(rootOf[position] ?? position, group)
  }
  return [...groups.values()].sort((a, b) => b.members.length - a.members.length)
}

/** The earliest ticket of each group that is not closed: it is the one to answer. */
function answered(input: Input, rootOf: readonly number[]): Map<number, number> {
  const chosen = new Map<number, number>()
  const time = (position: number) => input.tickets[position]?.created ?? Number.MAX_SAFE_INTEGER
  input.tickets.forEach((ticket, position) => {
    if (ticket.state === 'closed') return
    const root = rootOf[position] ?? position
    const best = chosen.get(root)
    if (best === undefined || time(position) < time(best)) chosen.set(root, position)
  })
  return chosen
}

function triage(
  ticket: Ticket,
  decision: Decision,
  asOf: Minute | null | '',
  original: Ticket | undefined,
): TriagedTicket {
  const waitedMinutes = typeof asOf !== 'number' || ticket.created === null ? null : Math.max(0, asOf - ticket.created)
  const { line, id, subject, requester, channel, created, state } = ticket
  const { category, urgency, language } = decision
  return {
    ...{ line, id, subject, requester, channel, created, state, category, urgency, language, waitedMinutes },
    queue: queueFor(decision),
    reasons: `Category: ${decision.categoryReason}. Urgency: ${decision.urgencyReason}.`,
    duplicateOf: original ? nameBeside(original, ticket) : null,
    isLate: state === 'open' && !original && (waitedMinutes ?? 0) > answerHours[urgency] * 60,
  }
}

/** Sends every ticket that is not closed to a queue, and says which have waited too long. */
export async function code({ tickets, decisions, duplicates, asOf }: Packed): Promise<Assignment> {
  const rows = { tickets: unpackRows(tickets), decisions: unpackRows(decisions), duplicates: unpackRows(duplicates) }
  const input: Input = { ...rows, asOf }
  const rootOf = roots(input.tickets, input.duplicates)
  const toAnswer = answered(input, rootOf)
  const triaged: TriagedTicket[] = []
  input.tickets.forEach((ticket, position) => {
    const decision = input.decisions[position]
    if (ticket.state === 'closed' || !decision) return
    const chosen = toAnswer.get(rootOf[position] ?? position)
    const original = chosen === position || chosen === undefined ? undefined : input.tickets[chosen]
    triaged.push(triage(ticket, decision, input.asOf, original))
  })
  const closedCount = input.tickets.filter((ticket) => ticket.state === 'closed').length
  return { triaged: packRows(triaged), groups: groupsOf(input, rootOf), closedCount }
}
