import { wordsOf } from '../../shared/words.ts'
import type { TicketState } from '../ticket.ts'

const words: Record<TicketState, string> = {
  open: 'open, new, reopened, todo, to do, unassigned, assigned, offen, neu, ouvert, nouveau, abierto, abierta, nuevo, nueva, pendiente',
  in_progress:
    'in progress, pending, on hold, hold, waiting, waiting for customer, waiting on customer, awaiting reply, answered, in bearbeitung, wartend, wartet, ausstehend, beantwortet, en cours, en attente, repondu, en curso, en progreso, en proceso, en espera, respondido',
  closed:
    'closed, resolved, solved, done, completed, cancelled, canceled, rejected, spam, merged, archived, geschlossen, gelost, erledigt, abgeschlossen, ferme, resolu, clos, cloture, termine, cerrado, cerrada, resuelto, resuelta, finalizado',
}
const states = new Map<string, TicketState>()
const known: readonly TicketState[] = ['open', 'in_progress', 'closed']
for (const state of known) for (const text of words[state].split(', ')) states.set(text, state)

/** Undefined for a status that is not known. */
export function stateOf(status: string): TicketState | undefined {
  return status === '' ? 'open' : states.get(wordsOf(status).join(' '))
}
