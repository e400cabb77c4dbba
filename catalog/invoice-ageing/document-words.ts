import { PhraseList } from '../shared/phrases.ts'
import { wordsOf } from '../shared/words.ts'

export type DocumentState = 'paid' | 'void' | 'open'

const stateWords: Record<DocumentState, string> = {
  void: 'void*, cancelled, canceled, cancellation, deleted, draft, reversed, storniert*, storno, entwurf, annule*, brouillon, anulad*, cancelad*, borrador',
  open: 'open, outstanding, overdue, past due, offen*, uberfallig*, ouvert*, en retard, pendiente*, vencid*, not paid, unpaid, partially paid, part paid, partly paid, partial, nicht bezahlt, unbezahlt, teilweise bezahlt, teilbezahlt, non paye*, impaye*, partiellement paye*, no pagad*, parcialmente pagad*, impagad*',
  paid: 'paid, paid in full, settled, closed, cleared, complete*, bezahlt, beglichen, ausgeglichen, paye*, regle*, solde*, pagad*, cobrad*, saldad*',
}
const states = new PhraseList(
  (['void', 'open', 'paid'] as const).flatMap((state) =>
    stateWords[state].split(', ').map((text) => ({ text, meaning: state })),
  ),
)
const credits = new PhraseList(
  'credit, credit note, credit memo, creditnote, refund, gutschrift*, rechnungskorrektur*, stornorechnung*, avoir, note de credit, nota de credito, abono, rectificativa'
    .split(', ')
    .map((text) => ({ text, meaning: true })),
)

/** What a status says of an invoice; undefined when it says nothing about payment. */
export function stateOf(status: string): DocumentState | undefined {
  const found = states.find(wordsOf(status)).map(({ meaning }) => meaning)
  return (['void', 'open', 'paid'] as const).find((state) => found.includes(state))
}

export function isCreditNote(kind: string): boolean {
  return credits.find(wordsOf(kind)).length > 0
}

/** The days of `Net 30`, `30 Tage netto` or `30`; undefined when no plain number of days is named. */
export function termsDays(text: string): number | undefined {
  const days = /(?:^|\D)(\d{1,3})(?:\D|$)/.exec(text)?.[1]
  return days === undefined ? undefined : Number(days)
}
