import type { Insight } from '../../../src/contracts/envelope.ts'
import { percentOf } from '../../shared/statistics.ts'
import { counted, listed, percent } from '../../shared/wording.ts'
import { daysOf } from '../moments.ts'
import { answerHours } from '../rules/urgencies.ts'
import type { DuplicateGroup } from '../steps/assign-queues.ts'
import { threshold, windowDays } from '../steps/find-duplicates.ts'
import type { TriagedTicket } from '../ticket.ts'
import { loads } from './queue-tables.ts'
import { inOrder } from './ticket-tables.ts'

const named = 5

function nameOf({ id, line }: TriagedTicket): string {
  return id === '' ? `line ${line}` : id
}

function firstNames(tickets: readonly TriagedTicket[]): string {
  const names = tickets.slice(0, named).map(nameOf)
  return listed(tickets.length > named ? [...names, `${tickets.length - named} more`] : names)
}

function pressing(tickets: readonly TriagedTicket[]): Insight[] {
  const critical = inOrder(tickets.filter((ticket) => ticket.urgency === 'critical' && ticket.duplicateOf === null))
  if (critical.length === 0) return []
  return [
    {
      id: 'critical-tickets',
      title: `${counted(critical.length, 'critical ticket')} to answer first`,
      finding: `${firstNames(critical)}: words or the priority field say that nothing works, that many are affected or that data is at risk.`,
      computation: 'The most urgent of the words found and the priority field decides; duplicates are not counted.',
      action: `Answer them now, at the latest within ${answerHours.critical} hour, and tell the teams of ${listed([...new Set(critical.map(({ queue }) => queue))])}.`,
      importance: 'high',
      figures: [{ label: 'Critical tickets', value: critical.length, type: 'number' }],
    },
  ]
}

function late(tickets: readonly TriagedTicket[]): Insight[] {
  const overdue = inOrder(tickets.filter((ticket) => ticket.isLate))
  if (overdue.length === 0) return []
  const longest = overdue.reduce((most, { waitedMinutes }) => Math.max(most, waitedMinutes ?? 0), 0)
  const { critical, high, normal, low } = answerHours
  return [
    {
      id: 'late-answers',
      title: `${counted(overdue.length, 'ticket')} waited longer than the target`,
      finding: `${firstNames(overdue)} are past the time for a first answer; the longest wait is ${daysOf(longest)} days.`,
      computation: `Waiting runs from creation to the day of the report, around the clock; targets are ${critical} h critical, ${high} h high, ${normal} h normal and ${low} h low. Tickets in progress are not counted.`,
      action:
        'Answer these next, from the top of the ticket list; if the list is long every week, the queue needs more hands.',
      importance: 'high',
      figures: [
        { label: 'Past the target', value: overdue.length, type: 'number' },
        { label: 'Longest wait', value: daysOf(longest), type: 'duration' },
      ],
    },
  ]
}

function repeats(groups: readonly DuplicateGroup[]): Insight[] {
  const repeated = groups.reduce((sum, { members }) => sum + members.length, 0)
  const [largest] = groups
  if (!largest) return []
  return [
    {
      id: 'duplicates',
      title: `${counted(repeated, 'ticket repeats', 'tickets repeat')} another one`,
      finding: `${counted(groups.length, 'group')} of duplicates; the largest begins with ${largest.first} ("${largest.subject}") and has ${counted(largest.members.length, 'repeat')}.`,
      computation: `Same requester and subject, or at least ${threshold * 100} % of all different words in common, within ${windowDays} days.`,
      action:
        'Merge each group into its first ticket and answer once. Several requesters in one group point to one common cause.',
      importance: 'medium',
      figures: [{ label: 'Repeated tickets', value: repeated, type: 'number' }],
    },
  ]
}

function busiest(tickets: readonly TriagedTicket[]): Insight[] {
  const [largest] = loads(
    tickets.filter((ticket) => ticket.duplicateOf === null),
    'queue',
  )
  if (!largest) return []
  const share = percentOf(largest.tickets.length, tickets.filter((ticket) => ticket.duplicateOf === null).length)
  return [
    {
      id: 'busiest-queue',
      title: `${largest.name} carries the most`,
      finding: `${counted(largest.tickets.length, 'ticket')} to answer, ${percent(share)} of all that are open.`,
      computation: 'Open tickets without duplicates, counted by queue.',
      action:
        'Look at the categories in this queue for one cause that can be removed, such as a broken page or a missing answer in the help pages.',
      importance: 'low',
      figures: [{ label: 'Share of open tickets', value: share, type: 'percent' }],
    },
  ]
}

function unclear(tickets: readonly TriagedTicket[]): Insight[] {
  const others = tickets.filter((ticket) => ticket.category === 'other')
  if (others.length === 0) return []
  return [
    {
      id: 'unclear-category',
      title: `${counted(others.length, 'ticket')} without a category`,
      finding: `No known word was found in ${firstNames(others)}.`,
      computation:
        'Subject and text were compared with word lists in English, German, French and Spanish and with your own rules.',
      action: 'Read them, and add the words your customers use as your own rules, so that the next run knows them.',
      importance: others.length * 5 > tickets.length ? 'medium' : 'low',
      figures: [{ label: 'Without a category', value: others.length, type: 'number' }],
    },
  ]
}

export function insightsOf(tickets: readonly TriagedTicket[], groups: readonly DuplicateGroup[]): Insight[] {
  return [...pressing(tickets), ...late(tickets), ...repeats(groups), ...busiest(tickets), ...unclear(tickets)]
}
