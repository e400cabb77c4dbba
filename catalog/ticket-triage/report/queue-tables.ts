import type { ResultTable } from '../../../src/contracts/envelope.ts'
import { grouped } from '../../shared/grouping.ts'
import { resultTable } from '../../shared/result-tables.ts'
import { percentOf } from '../../shared/statistics.ts'
import { daysOf } from '../moments.ts'
import { answerHours, urgencies } from '../rules/urgencies.ts'
import type { TriagedTicket } from '../ticket.ts'

export type Load = { name: string; tickets: TriagedTicket[] }

/** Tickets by one of their properties, the largest load first. */
export function loads(tickets: readonly TriagedTicket[], key: 'queue' | 'category' | 'language'): Load[] {
  return [...grouped(tickets, (ticket) => ticket[key])]
    .map(([name, members]) => ({ name, tickets: members }))
    .sort((a, b) => b.tickets.length - a.tickets.length || (a.name < b.name ? -1 : 1))
}

export function queueTable(tickets: readonly TriagedTicket[]): ResultTable {
  const rows = loads(tickets, 'queue').map(({ name, tickets: all }) => {
    const toAnswer = all.filter((ticket) => ticket.duplicateOf === null)
    const count = (urgency: string) => toAnswer.filter((ticket) => ticket.urgency === urgency).length
    return {
      queue: name,
      ...{ critical: count('critical'), high: count('high'), normal: count('normal'), low: count('low') },
      toAnswer: toAnswer.length,
      duplicates: all.length - toAnswer.length,
      late: all.filter((ticket) => ticket.isLate).length,
    }
  })
  const columns = {
    queue: ['Queue', 'text'],
    critical: ['Critical', 'number'],
    high: ['High', 'number'],
    normal: ['Normal', 'number'],
    low: ['Low', 'number'],
    toAnswer: ['To answer', 'number'],
    duplicates: ['Duplicates', 'number'],
    late: ['Past the target', 'number'],
  } as const
  return resultTable('Queues', columns, rows)
}

export function categoryTable(tickets: readonly TriagedTicket[]): ResultTable {
  const rows = loads(tickets, 'category').map(({ name, tickets: all }) => ({
    category: name,
    tickets: all.length,
    share: percentOf(all.length, tickets.length),
  }))
  const columns = {
    category: ['Category', 'text'],
    tickets: ['Tickets', 'number'],
    share: ['Share of open tickets', 'percent'],
  } as const
  return resultTable('Categories', columns, rows)
}

export function answerTable(tickets: readonly TriagedTicket[]): ResultTable {
  const rows = urgencies.map((urgency) => {
    const waiting = tickets.filter(
      (ticket) => ticket.urgency === urgency && ticket.duplicateOf === null && ticket.state === 'open',
    )
    const longest = waiting.reduce((most, { waitedMinutes }) => Math.max(most, waitedMinutes ?? 0), 0)
    return {
      urgency,
      targetHours: answerHours[urgency],
      waiting: waiting.length,
      late: waiting.filter((ticket) => ticket.isLate).length,
      longestWait: waiting.length === 0 ? null : daysOf(longest),
    }
  })
  const columns = {
    urgency: ['Urgency', 'text'],
    targetHours: ['First answer within (hours)', 'number'],
    waiting: ['Waiting for an answer', 'number'],
    late: ['Past the target', 'number'],
    longestWait: ['Longest wait', 'duration'],
  } as const
  return resultTable('First-answer targets', columns, rows)
}
