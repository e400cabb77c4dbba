import { type PackedRows, packRows, unpackRows } from '../../shared/packed-rows.ts'
import { likenesses } from '../../shared/similar-texts.ts'
import { foldText, wordsOf } from '../../shared/words.ts'
import type { Duplicate, Minute, Ticket } from '../ticket.ts'

export const windowDays = 30
export const threshold = 0.5
const fewestWords = 5
const windowMinutes = windowDays * 24 * 60

const replyMarks = /^(?:\s*(?:re|fw|fwd|aw|wg|antw|antwort|tr|rv|sv|vs)\s*(?:\[\d+\])?\s*:\s*)+/
const ticketMarks = /[[(#]\s*(?:ticket|case|fall|nr|no|id)?\s*[#:]?\s*\d+\s*[\])]?/g

/** Without reply marks and ticket numbers, in plain letters. */
export function plainSubject(subject: string): string {
  return wordsOf(foldText(subject).replace(replyMarks, '').replace(ticketMarks, ' ')).join(' ')
}

function withinWindow(a: Minute | null, b: Minute | null): boolean {
  return a === null || b === null || Math.abs(a - b) <= windowMinutes
}

/** Oldest first; tickets without a time come last, in the order of the file. */
function byTime(tickets: readonly Ticket[]): number[] {
  const time = (position: number) => tickets[position]?.created ?? Number.MAX_SAFE_INTEGER
  return tickets.map((_, position) => position).sort((a, b) => time(a) - time(b) || a - b)
}

function createdAt(tickets: readonly Ticket[], position: number | undefined): Minute | null {
  return position === undefined ? null : (tickets[position]?.created ?? null)
}

function sameNumber(tickets: readonly Ticket[], order: readonly number[], found: Map<number, Duplicate>): void {
  const first = new Map<string, number>()
  for (const position of order) {
    const ticket = tickets[position]
    if (!ticket || ticket.id === '') continue
    const key = `${ticket.id}\n${ticket.subject}\n${ticket.body}\n${ticket.requester}`
    const of = first.get(key)
    if (of === undefined) first.set(key, position)
    else found.set(position, { position, of, reason: 'the same row again' })
  }
}

function sameSubject(tickets: readonly Ticket[], order: readonly number[], found: Map<number, Duplicate>): void {
  const first = new Map<string, number>()
  for (const position of order) {
    const ticket = tickets[position]
    const subject = ticket ? plainSubject(ticket.subject) : ''
    if (!ticket || subject === '' || ticket.requester === '') continue
    const key = `${subject}\n${foldText(ticket.requester)}`
    if (found.has(position)) continue
    const of = first.get(key)
    if (of === undefined || !withinWindow(createdAt(tickets, of), ticket.created)) first.set(key, position)
    else found.set(position, { position, of, reason: 'same requester and subject' })
  }
}

function similarText(tickets: readonly Ticket[], order: readonly number[], found: Map<number, Duplicate>): void {
  const texts = order.map((position) => {
    const ticket = tickets[position]
    return ticket ? wordsOf(`${plainSubject(ticket.subject)} ${ticket.body}`) : []
  })
  const comparable = (earlier: number, later: number) =>
    withinWindow(createdAt(tickets, order[earlier]), createdAt(tickets, order[later]))
  likenesses(texts, { threshold, fewestWords, comparable }).forEach((likeness, at) => {
    const position = order[at]
    const like = likeness ? order[likeness.of] : undefined
    if (position === undefined || like === undefined || !likeness || found.has(position)) return
    const of = found.get(like)?.of ?? like
    if (!withinWindow(createdAt(tickets, of), createdAt(tickets, position))) return
    found.set(position, {
      position,
      of,
      reason: `${Math.floor(likeness.similarity * 100)} % of the words are the same`,
    })
  })
}

type Input = { tickets: PackedRows<Ticket> }

/** Each duplicate with the earlier ticket it repeats. */
export async function code(input: Input): Promise<{ duplicates: PackedRows<Duplicate> }> {
  const tickets = unpackRows(input.tickets)
  const order = byTime(tickets)
  const found = new Map<number, Duplicate>()
  sameNumber(tickets, order, found)
  sameSubject(tickets, order, found)
  similarText(tickets, order, found)
  return { duplicates: packRows([...found.values()].sort((a, b) => a.position - b.position)) }
}
