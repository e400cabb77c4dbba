import { PhraseList } from '../../shared/phrases.ts'
import { wordsOf } from '../../shared/words.ts'
import { urgencyWords } from './urgency-words.ts'

/** From the most to the least urgent. */
export const urgencies = ['critical', 'high', 'normal', 'low'] as const
export type Urgency = (typeof urgencies)[number]

/** Hours until the first answer is due, counted around the clock. */
export const answerHours: Record<Urgency, number> = { critical: 1, high: 4, normal: 24, low: 72 }

const phrases = urgencies.flatMap((urgency) =>
  urgencyWords[urgency].flatMap((list) => list.split(', ').map((text) => ({ text, meaning: urgency }))),
)
const list = new PhraseList(phrases)

const priorityWords: Record<Urgency, string> = {
  critical:
    'critical, highest, immediate, kritisch, critique, critico, critica, urgent, urgente, dringend, blocker, emergency, p0, p1, 1, sev1',
  high: 'high, hoch, haute, eleve, elevee, alta, alto, major, p2, 2, sev2',
  normal: 'normal, medium, mittel, moyenne, moyen, normale, media, medio, p3, 3, sev3',
  low: 'low, lowest, niedrig, gering, basse, bas, faible, baja, bajo, minor, trivial, p4, p5, 4, 5, sev4',
}
const priorities = new Map(
  urgencies.flatMap((urgency) => priorityWords[urgency].split(', ').map((word) => [word, urgency] as const)),
)

export function urgencyOfPriority(priority: string): Urgency | null {
  for (const word of wordsOf(priority)) {
    const urgency = priorities.get(word)
    if (urgency) return urgency
  }
  return null
}

/** `isAssumed` when neither a word nor the priority field said anything. */
export type UrgencyChoice = { urgency: Urgency; reason: string; isAssumed: boolean }

function rank(urgency: Urgency): number {
  return urgencies.indexOf(urgency)
}

/** The most urgent of what the words and the priority field say; `low` only where nothing says more. */
export function urgencyOf(words: readonly string[], priority: Urgency | null, priorityText: string): UrgencyChoice {
  const hits = list.find(words)
  const fromWords = hits.toSorted((a, b) => rank(a.meaning) - rank(b.meaning))[0]
  if (priority && (!fromWords || rank(priority) <= rank(fromWords.meaning))) {
    return { urgency: priority, reason: `priority field "${priorityText}"`, isAssumed: false }
  }
  if (fromWords) return { urgency: fromWords.meaning, reason: `"${fromWords.text}"`, isAssumed: false }
  return { urgency: 'normal', reason: 'nothing points to more or less', isAssumed: true }
}
