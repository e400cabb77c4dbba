import { matchingKey } from '../shared/text-matching.ts'
import type { Outcome } from './deals.ts'

const wonWords = new Set([
  'won',
  'win',
  'closedwon',
  'signed',
  'gewonnen',
  'gagne',
  'gagnee',
  'ganado',
  'ganada',
  'vinto',
  'vinta',
])
const lostWords = new Set([
  ...[
    'lost',
    'lose',
    'loss',
    'closedlost',
    'dead',
    'disqualified',
    'abandoned',
    'cancelled',
    'canceled',
    'rejected',
    'declined',
  ],
  ...['verloren', 'perdu', 'perdue', 'perdido', 'perdida', 'perso', 'persa'],
])

/** A classifier of stage names: as the user listed them, else by the words that sales systems use; all others are open. */
export function stageClassifier(wonStages: string[], lostStages: string[]): (stage: string) => Outcome {
  const listed = new Map<string, Outcome>()
  for (const stage of wonStages) listed.set(matchingKey(stage), 'won')
  for (const stage of lostStages) listed.set(matchingKey(stage), 'lost')
  return (stage) => {
    const words = [matchingKey(stage), ...stage.split(/[^\p{L}]+/u).map(matchingKey)]
    const chosen = listed.get(words[0] ?? '')
    if (chosen !== undefined) return chosen
    if (words.some((word) => lostWords.has(word))) return 'lost'
    return words.some((word) => wonWords.has(word)) ? 'won' : 'open'
  }
}
