import { PhraseList } from '../../shared/phrases.ts'
import { type Category, categories } from './categories.ts'
import { type Urgency, urgencies } from './urgencies.ts'

export type OwnRule = { words: string[]; category: Category | null; urgency: Urgency | null; queue: string | null }

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

function ruleOf(raw: unknown, position: number): OwnRule {
  const rule: Record<string, unknown> = typeof raw === 'object' && raw !== null ? { ...raw } : {}
  const words = Array.isArray(rule['words']) ? rule['words'].filter((word) => textOf(word) !== null).map(String) : []
  const category = categories.find((known) => known === rule['category']) ?? null
  const urgency = urgencies.find((known) => known === rule['urgency']) ?? null
  const queue = textOf(rule['queue'])
  if (words.length === 0 || (category ?? urgency ?? queue) === null) {
    throw new Error(
      `Rule ${position + 1} cannot be used: give "words" and at least one of category (${categories.join(', ')}), urgency (${urgencies.join(', ')}) or queue.`,
    )
  }
  return { words, category, urgency, queue }
}

/** @throws when a rule has no words or decides nothing */
export function readOwnRules(raw: unknown): OwnRule[] {
  if (raw === undefined || raw === null || raw === '') return []
  if (!Array.isArray(raw))
    throw new Error('"rules" must be a list of objects such as {"words": ["scanner"], "queue": "Hardware"}.')
  return raw.map(ruleOf)
}

export type OwnMatch = { rule: OwnRule; reason: string }

/** Finds the first rule, in the order given, any of whose words occur. */
export function ownRuleFinder(rules: readonly OwnRule[]): (words: readonly string[]) => OwnMatch | undefined {
  if (rules.length === 0) return () => undefined
  const list = new PhraseList(
    rules.flatMap((rule, position) => rule.words.map((text) => ({ text, meaning: { rule, position } }))),
  )
  return (words) => {
    const first = list.findAll(words).sort((a, b) => a.meaning.position - b.meaning.position)[0]
    return first && { rule: first.meaning.rule, reason: `your rule for "${first.text}"` }
  }
}
