import { PhraseList } from '../../shared/phrases.ts'
import { counted } from '../../shared/wording.ts'
import { categoryWords } from './category-words.ts'

/** In the order that decides a tie. */
export const categories = [
  'security',
  'access',
  'billing',
  'cancellation',
  'delivery',
  'technical',
  'complaint',
  'feedback',
  'question',
  'other',
] as const
export type Category = (typeof categories)[number]

export const queueOf: Record<Category, string> = {
  security: 'Security',
  access: 'Accounts and access',
  billing: 'Billing',
  cancellation: 'Retention',
  delivery: 'Orders and delivery',
  technical: 'Technical support',
  complaint: 'Customer relations',
  feedback: 'Product feedback',
  question: 'General help',
  other: 'General help',
}

const subjectPoints = 3
const bodyPoints = 1

const phrases = categories.flatMap((category) =>
  category === 'other'
    ? []
    : categoryWords[category].flatMap((texts) => texts.split(', ').map((text) => ({ text, meaning: category }))),
)
const list = new PhraseList(phrases)

export type CategoryChoice = { category: Category; reason: string }

type Tally = { points: number; words: Set<string> }

function count(tallies: Map<Category, Tally>, tokens: readonly string[], points: number, where: string): void {
  for (const hit of list.find(tokens)) {
    const tally = tallies.get(hit.meaning) ?? { points: 0, words: new Set() }
    tally.points += points
    tally.words.add(`"${hit.text}" in the ${where}`)
    tallies.set(hit.meaning, tally)
  }
}

/** The category with the most points: 3 for a word in the subject, 1 for one in the text. */
export function categoryOf(subject: readonly string[], body: readonly string[]): CategoryChoice {
  const tallies = new Map<Category, Tally>()
  count(tallies, subject, subjectPoints, 'subject')
  count(tallies, body, bodyPoints, 'text')
  let best: CategoryChoice = { category: 'other', reason: 'no known word' }
  let points = 0
  for (const category of categories) {
    const tally = tallies.get(category)
    if (!tally || tally.points <= points) continue
    points = tally.points
    best = { category, reason: `${[...tally.words].slice(0, 3).join(', ')} (${counted(points, 'point')})` }
  }
  return best
}
