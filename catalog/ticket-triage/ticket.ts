import type { Category } from './rules/categories.ts'
import type { Urgency } from './rules/urgencies.ts'

/** A moment as minutes since 1970-01-01, in the time of the export. */
export type Minute = number

/** `in_progress` tickets were answered already or wait for the customer. */
export type TicketState = 'open' | 'in_progress' | 'closed'

export type Ticket = {
  line: number
  id: string
  subject: string
  body: string
  requester: string
  created: Minute | null
  channel: string
  priority: string
  state: TicketState
}

/** What was decided on a ticket, and why. */
export type Decision = {
  category: Category
  categoryReason: string
  urgency: Urgency
  urgencyReason: string
  /** Named by one of the user's own rules. */
  queue: string | null
  language: string
}

/** A ticket that reports what an earlier one reported; positions count from 0 in the list of tickets. */
export type Duplicate = { position: number; of: number; reason: string }

export type TriagedTicket = {
  line: number
  id: string
  subject: string
  requester: string
  channel: string
  created: Minute | null
  category: Category
  urgency: Urgency
  queue: string
  state: TicketState
  language: string
  reasons: string
  /** The first ticket of the group, where this one is a duplicate. */
  duplicateOf: string | null
  waitedMinutes: number | null
  isLate: boolean
}
