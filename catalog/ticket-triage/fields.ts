import type { Field } from '../shared/header-matching.ts'

export type TicketField = 'id' | 'subject' | 'body' | 'requester' | 'created' | 'channel' | 'status' | 'priority'

const bodyNames = [
  ...['description', 'message', 'text', 'content', 'comment', 'details', 'ticket description', 'first message'],
  ...['beschreibung', 'nachricht', 'inhalt', 'contenu', 'texte', 'description du ticket', 'descripcion', 'mensaje'],
]
const subjectNames = [
  ...['title', 'summary', 'topic', 'ticket subject', 'issue', 'headline', 'betreff', 'titel', 'thema'],
  ...['objet', 'sujet', 'titre', 'asunto', 'titulo', 'tema'],
]
const idNames = [
  ...[
    'ticket id',
    'ticket number',
    'ticket',
    'number',
    'case number',
    'case id',
    'key',
    'issue key',
    'ref',
    'reference',
  ],
  ...['ticketnummer', 'ticket nr', 'nummer', 'numero', 'numero de ticket', 'n°', '#'],
]
const requesterNames = [
  ...[
    'requester email',
    'requester name',
    'customer',
    'customer email',
    'from',
    'sender',
    'reporter',
    'contact',
    'user',
  ],
  ...[
    'email',
    'e-mail',
    'submitter',
    'kunde',
    'absender',
    'anfragender',
    'demandeur',
    'client',
    'solicitante',
    'cliente',
  ],
]
const createdNames = [
  ...['created at', 'created on', 'created date', 'creation date', 'date created', 'opened', 'opened at', 'open date'],
  ...[
    'date',
    'received',
    'submitted',
    'erstellt',
    'erstellt am',
    'eingegangen',
    'datum',
    'cree le',
    'date de creation',
  ],
  ...['creado', 'creado el', 'fecha', 'fecha de creacion'],
  ...['created time', 'creation time', 'opened date'],
]

/** A file with texts but no subjects is read too: its text column then counts as found for both. */
export function ticketFields(bodyOverride: string | undefined): Field<TicketField>[] {
  const lastResort = bodyOverride ? [bodyOverride] : []
  return [
    { key: 'id', label: 'ticket number', synonyms: idNames },
    {
      key: 'subject',
      label: 'subject or text',
      synonyms: [...subjectNames, 'body', ...bodyNames, ...lastResort],
      isRequired: true,
    },
    { key: 'body', label: 'text', synonyms: bodyNames },
    { key: 'requester', label: 'requester', synonyms: requesterNames },
    { key: 'created', label: 'created', synonyms: createdNames },
    { key: 'channel', label: 'channel', synonyms: ['source', 'via', 'origin', 'kanal', 'canal', 'quelle'] },
    { key: 'status', label: 'status', synonyms: ['state', 'ticket status', 'zustand', 'statut', 'etat', 'estado'] },
    {
      key: 'priority',
      label: 'priority',
      synonyms: ['severity', 'urgency', 'prioritat', 'dringlichkeit', 'priorite', 'urgence', 'prioridad', 'urgencia'],
    },
  ]
}
