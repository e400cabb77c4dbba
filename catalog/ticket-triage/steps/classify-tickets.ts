import { type PackedRows, packRows, unpackRows } from '../../shared/packed-rows.ts'
import { sentenceWords } from '../../shared/words.ts'
import { categoryOf } from '../rules/categories.ts'
import { languageOfWords } from '../rules/languages.ts'
import { type OwnMatch, ownRuleFinder, readOwnRules } from '../rules/own-rules.ts'
import { type UrgencyChoice, urgencyOf, urgencyOfPriority } from '../rules/urgencies.ts'
import type { Decision, Ticket } from '../ticket.ts'

type Finder = (words: readonly string[]) => OwnMatch | undefined

function urgencyFor(ticket: Ticket, words: string[], category: string): UrgencyChoice {
  const choice = urgencyOf(words, urgencyOfPriority(ticket.priority), ticket.priority)
  if (category === 'feedback' && choice.isAssumed) {
    return { urgency: 'low', reason: 'a wish, nothing says it is pressing', isAssumed: true }
  }
  return choice
}

export function decide(ticket: Ticket, findOwn: Finder): Decision {
  const subject = sentenceWords(ticket.subject)
  const body = sentenceWords(ticket.body)
  const words = [...subject, ...body]
  const own = findOwn(words)
  const found = categoryOf(subject, body)
  const category = own?.rule.category ?? found.category
  const urgency = urgencyFor(ticket, words, category)
  return {
    category,
    categoryReason: own?.rule.category ? own.reason : found.reason,
    urgency: own?.rule.urgency ?? urgency.urgency,
    urgencyReason: own?.rule.urgency ? own.reason : urgency.reason,
    queue: own?.rule.queue ?? null,
    language: languageOfWords(words),
  }
}

type Input = { tickets: PackedRows<Ticket>; rules?: unknown }

export async function code({ tickets, rules }: Input): Promise<{ decisions: PackedRows<Decision> }> {
  const findOwn = ownRuleFinder(readOwnRules(rules))
  return { decisions: packRows(unpackRows(tickets).map((ticket) => decide(ticket, findOwn))) }
}
