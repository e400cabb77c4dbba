import { PhraseList } from '../shared/phrases.ts'
import { foldText, wordsOf } from '../shared/words.ts'
import type { Standing } from './lead.ts'

const yes = new Set('yes y true 1 x t ja j oui o si s wahr vrai verdadero on opted unsubscribed'.split(' '))
const no = new Set('no n false 0 f nein non falsch faux falso off none'.split(' '))

/** What a yes-or-no cell says; undefined when it says neither. A date stands for yes. */
export function yesOrNo(text: string, isDate: (text: string) => boolean): boolean | undefined {
  const plain = foldText(text).trim()
  if (yes.has(plain)) return true
  if (no.has(plain)) return false
  return isDate(text) ? true : undefined
}

const standings: Record<Exclude<Standing, 'prospect'>, string> = {
  unsubscribed:
    'unsubscribed, opted out, opt out, do not contact, do not email, abgemeldet, abbestellt, nicht kontaktieren, desabonne*, desinscrit*, no contactar, dado de baja',
  bounced: 'bounce*, hard bounce, undeliverable, unzustellbar*, rebotado*',
  customer:
    'customer*, existing client, won, closed won, kunde, bestandskunde*, gewonnen, cliente actual, client existant, gagne*, ganado*',
  ruled_out:
    'disqualified, unqualified, not qualified, lost, closed lost, junk, spam, competitor*, not interested, verloren, ungeeignet, kein interesse, perdu, non qualifie, perdido, descartado',
}
const kinds = ['unsubscribed', 'bounced', 'customer', 'ruled_out'] as const
const list = new PhraseList(
  kinds.flatMap((kind) => standings[kind].split(', ').map((text) => ({ text, meaning: kind }))),
)

/** Whether a status such as `Hard bounce` or `Customer` means that no nurturing mail should go out. */
export function standingOf(status: string): Standing {
  return list.find(wordsOf(status))[0]?.meaning ?? 'prospect'
}
