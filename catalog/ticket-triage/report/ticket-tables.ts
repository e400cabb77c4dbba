import type { ResultTable } from '../../../src/contracts/envelope.ts'
import { resultTable } from '../../shared/result-tables.ts'
import { daysOf, momentText } from '../moments.ts'
import { urgencies } from '../rules/urgencies.ts'
import type { DuplicateGroup } from '../steps/assign-queues.ts'
import type { TriagedTicket } from '../ticket.ts'

const rankOf = new Map<string, number>(urgencies.map((urgency, i) => [urgency, i]))

/** What to answer first: by urgency, then the longest wait, duplicates after all others. */
export function inOrder(tickets: readonly TriagedTicket[]): TriagedTicket[] {
  const rank = (ticket: TriagedTicket) => (rankOf.get(ticket.urgency) ?? 0) + (ticket.duplicateOf === null ? 0 : 10)
  return tickets.toSorted(
    (a, b) => rank(a) - rank(b) || (b.waitedMinutes ?? -1) - (a.waitedMinutes ?? -1) || a.line - b.line,
  )
}

function rowOf(ticket: TriagedTicket) {
  const { line, id, subject, requester, channel, queue, category, urgency, language, reasons } = ticket
  return {
    ...{ line, id, subject, requester, channel, queue, category, urgency, language, reasons },
    created: ticket.created === null ? null : momentText(ticket.created),
    waited: ticket.waitedMinutes === null ? null : daysOf(ticket.waitedMinutes),
    late: ticket.isLate,
    duplicateOf: ticket.duplicateOf,
  }
}

export function ticketTable(tickets: readonly TriagedTicket[]): ResultTable {
  const columns = {
    id: ['Ticket', 'text'],
    subject: ['Subject', 'text'],
    urgency: ['Urgency', 'text'],
    category: ['Category', 'text'],
    queue: ['Queue', 'text'],
    created: ['Created', 'text'],
    waited: ['Waited', 'duration'],
    late: ['Past the target', 'text'],
    duplicateOf: ['Duplicate of', 'text'],
    requester: ['Requester', 'text'],
    channel: ['Channel', 'text'],
    language: ['Language', 'text'],
    reasons: ['Why', 'text'],
    line: ['Line in the file', 'number'],
  } as const
  return resultTable('Open tickets, what to answer first on top', columns, inOrder(tickets).map(rowOf))
}

export function duplicateTable(groups: readonly DuplicateGroup[]): ResultTable {
  const rows = groups.map(({ first, subject, members, reasons, lines }) => ({
    ...{ first, subject },
    repeats: members.length,
    members: members.join(', '),
    reasons: reasons.join('; '),
    lines: lines.join(', '),
  }))
  const columns = {
    first: ['First ticket', 'text'],
    subject: ['Subject', 'text'],
    repeats: ['Repeats', 'number'],
    members: ['Repeated by', 'text'],
    reasons: ['Why', 'text'],
    lines: ['Lines in the file', 'text'],
  } as const
  return resultTable('Duplicates', columns, rows)
}
