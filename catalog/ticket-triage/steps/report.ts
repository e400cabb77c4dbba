import type { Envelope, Warning } from '../../../src/contracts/envelope.ts'
import { type PackedRows, unpackRows } from '../../shared/packed-rows.ts'
import { counted } from '../../shared/wording.ts'
import { momentText } from '../moments.ts'
import { insightsOf } from '../report/insights.ts'
import { answerTable, categoryTable, queueTable } from '../report/queue-tables.ts'
import { duplicateTable, ticketTable } from '../report/ticket-tables.ts'
import type { Minute, TriagedTicket } from '../ticket.ts'
import type { DuplicateGroup } from './assign-queues.ts'

type Input = {
  triaged: TriagedTicket[]
  groups: DuplicateGroup[]
  closedCount: number
  asOf: Minute | null | ''
  warnings: Warning[]
}

function figuresOf({ triaged, groups, closedCount, asOf }: Input) {
  const toAnswer = triaged.filter((ticket) => ticket.duplicateOf === null)
  const count = (urgency: string) => toAnswer.filter((ticket) => ticket.urgency === urgency).length
  return {
    asOf: typeof asOf === 'number' ? momentText(asOf) : null,
    rows: triaged.length + closedCount,
    open: triaged.length,
    closed: closedCount,
    toAnswer: toAnswer.length,
    openDuplicates: triaged.length - toAnswer.length,
    repeatedTickets: groups.reduce((sum, { members }) => sum + members.length, 0),
    ...{ critical: count('critical'), high: count('high'), normal: count('normal'), low: count('low') },
    late: triaged.filter((ticket) => ticket.isLate).length,
  }
}

type Packed = Omit<Input, 'triaged'> & { triaged: PackedRows<TriagedTicket> }

export async function code(input: Packed): Promise<Envelope> {
  const { groups, warnings } = input
  const triaged = unpackRows(input.triaged)
  const figures = figuresOf({ ...input, triaged })
  const summary =
    `${counted(figures.rows, 'ticket')} read: ${figures.toAnswer} to answer, ${counted(figures.openDuplicates, 'open duplicate')}, ${figures.closed} closed. ` +
    `${figures.critical} critical and ${figures.high} high; ${figures.late} past the target for a first answer.`
  const tables = {
    queues: queueTable(triaged),
    tickets: ticketTable(triaged),
    duplicates: duplicateTable(groups),
    answers: answerTable(triaged),
    categories: categoryTable(triaged),
  }
  return { summary, insights: insightsOf(triaged, groups), data: { figures, tables }, effects: [], warnings }
}
