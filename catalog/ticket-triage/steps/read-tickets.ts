import type { Warning } from '../../../src/contracts/envelope.ts'
import { noteAssumedOrder } from '../../shared/date-notes.ts'
import { type DateReader, dateReader } from '../../shared/date-reading.ts'
import { dateOrders } from '../../shared/date-text.ts'
import { givenText } from '../../shared/given-text.ts'
import { type PackedRows, packRows } from '../../shared/packed-rows.ts'
import { choiceOf, optionalText, type StepInput, textMap } from '../../shared/step-input.ts'
import { readTable, type TextTable } from '../../shared/table-reading.ts'
import { collectWarnings, type WarningList } from '../../shared/warnings.ts'
import { counted } from '../../shared/wording.ts'
import { type TicketField, ticketFields } from '../fields.ts'
import { minuteOf, momentOf } from '../moments.ts'
import { stateOf } from '../rules/states.ts'
import type { Minute, Ticket } from '../ticket.ts'

export type ReadTickets = {
  tickets: PackedRows<Ticket>
  asOf: Minute | null
  isAsOfGiven: boolean
  delimiter: string
  warnings: Warning[]
}

const longestText = 2000

type Kinds = ReturnType<typeof ticketWarnings>

function ticketWarnings(warnings: WarningList, { headers }: TextTable<TicketField>) {
  const column = (key: TicketField) => [headers[key] ?? key]
  return {
    created: warnings.kind(
      'unreadable_date',
      column('created'),
      (n) => `${counted(n, 'ticket has', 'tickets have')} no readable creation time; waiting is not computed for them.`,
    ),
    status: warnings.kind(
      'unknown_status',
      column('status'),
      (n) => `${counted(n, 'ticket has', 'tickets have')} a status that is not known; they count as open.`,
    ),
    text: warnings.kind(
      'no_text',
      [...column('subject'), ...column('body')],
      (n) => `${counted(n, 'ticket has', 'tickets have')} neither subject nor text; they go to General help.`,
    ),
    long: warnings.kind(
      'long_text',
      column('body'),
      (n) => `Of ${counted(n, 'long text')} only the first ${longestText} characters were used.`,
    ),
    repeated: warnings.kind(
      'repeated_number',
      column('id'),
      (n) => `${counted(n, 'ticket bears', 'tickets bear')} a number that an earlier row has; each row was kept.`,
    ),
    id: warnings.kind(
      'missing_number',
      column('id'),
      (n) => `${counted(n, 'ticket has', 'tickets have')} no number; they are named by their line.`,
    ),
  }
}

function createdOf(text: string, read: DateReader['read']): Minute | null {
  const day = read(text)
  return day === undefined ? null : minuteOf(day, text)
}

function ticketAt(table: TextTable<TicketField>, row: number, kinds: Kinds, read: DateReader['read']): Ticket {
  const cell = (key: TicketField) => table.columns[key][row] ?? ''
  const line = table.lines[row] ?? 0
  const hasOwnSubject = table.headers.subject !== table.headers.body
  const subject = hasOwnSubject ? cell('subject') : ''
  const created = createdOf(cell('created'), read)
  const state = stateOf(cell('status'))
  if (created === null && table.headers.created !== undefined) kinds.created.at(line)
  if (state === undefined) kinds.status.at(line)
  if (subject === '' && cell('body') === '') kinds.text.at(line)
  if (cell('body').length > longestText) kinds.long.at(line)
  if (cell('id') === '' && table.headers.id !== undefined) kinds.id.at(line)
  const body = cell('body').slice(0, longestText)
  return {
    ...{ line, subject, body, created, state: state ?? 'open' },
    ...{ id: cell('id'), requester: cell('requester'), channel: cell('channel'), priority: cell('priority') },
  }
}

function noteRepeatedNumbers(tickets: readonly Ticket[], kinds: Kinds): void {
  const seen = new Set<string>()
  for (const { id, line } of tickets) {
    if (id !== '' && seen.has(id)) kinds.repeated.at(line)
    seen.add(id)
  }
}

function newest(tickets: readonly Ticket[]): Minute | null {
  return tickets.reduce<Minute | null>(
    (latest, { created }) => (created === null || (latest !== null && latest >= created) ? latest : created),
    null,
  )
}

function givenMoment(input: StepInput): Minute | undefined {
  const text = optionalText(input, 'asOf')
  const moment = text === undefined ? undefined : momentOf(text)
  if (text !== undefined && moment === undefined) {
    throw new Error('The input "asOf" must be a date such as 2025-09-22 or a moment such as 2025-09-22T12:00.')
  }
  return moment
}

export async function code(input: StepInput): Promise<ReadTickets> {
  const warnings = collectWarnings()
  const data = givenText(input, warnings)
  const given = givenMoment(input)
  const overrides = textMap(input, 'columns')
  const table = readTable(data, ticketFields(overrides['body']), { overrides, warnings })
  const dates = dateReader([table.columns.created], choiceOf(input, 'dateOrder', ['auto', ...dateOrders]))
  noteAssumedOrder(warnings, dates, [table.headers.created])
  const kinds = ticketWarnings(warnings, table)
  const tickets = table.lines.map((_, row) => ticketAt(table, row, kinds, dates.read))
  noteRepeatedNumbers(tickets, kinds)
  const asOf = given ?? newest(tickets)
  if (asOf === null)
    warnings.note(
      'no_times',
      'No creation time could be read, so no waiting time is computed.',
      ['created'],
      tickets.length,
    )
  return {
    tickets: packRows(tickets),
    asOf,
    isAsOfGiven: given !== undefined,
    delimiter: table.delimiter,
    warnings: warnings.toList(),
  }
}
