import type { Field } from '../shared/header-matching.ts'

const emailNames = [
  ...['email address', 'e-mail address', 'mail', 'mail address', 'contact email', 'work email', 'business email'],
  ...['primary email', 'e-mail-adresse', 'mailadresse', 'adresse e-mail', 'adresse mail', 'courriel', 'correo'],
  ...['correo electronico', 'email 1'],
]
const activityNames = [
  ...[
    'last activity',
    'last activity date',
    'last contacted',
    'last contact',
    'last seen',
    'last engagement',
    'last engaged',
  ],
  ...['last visit', 'last open', 'last modified date', 'letzte aktivitat', 'letzter kontakt', 'derniere activite'],
  ...['dernier contact', 'ultima actividad', 'ultimo contacto'],
  ...['last changed'],
]
const createdNames = [
  ...[
    'created',
    'created at',
    'created date',
    'create date',
    'date created',
    'date added',
    'added',
    'signup date',
    'date',
  ],
  ...[
    'opt-in time',
    'erstellt',
    'erstellt am',
    'angelegt am',
    'cree le',
    'date de creation',
    'fecha de creacion',
    'fecha',
  ],
]
const optOutNames = [
  ...['opted out', 'opt out', 'opt-out', 'email opt out', 'has opted out of email', 'unsubscribe', 'unsubscribed at'],
  ...[
    'unsubscribed date',
    'do not email',
    'do not contact',
    'abgemeldet',
    'abbestellt',
    'desabonne',
    'desinscrit',
    'baja',
  ],
  ...['unsubscribed from all email', 'opted out of email', 'unsub time'],
]
const optInNames = [
  ...['opt in', 'opted in', 'marketing consent', 'consent', 'email consent', 'email marketing', 'newsletter'],
  ...['einwilligung', 'abonniert', 'consentement', 'abonne', 'suscrito', 'consentimiento'],
]

export const leadFields = [
  { key: 'email', label: 'e-mail address', synonyms: emailNames, isRequired: true },
  {
    key: 'company',
    label: 'company',
    synonyms: [
      'company name',
      'account',
      'account name',
      'organization',
      'organisation',
      'firma',
      'unternehmen',
      'entreprise',
      'societe',
      'empresa',
    ],
  },
  {
    key: 'title',
    label: 'job title',
    synonyms: [
      'title',
      'role',
      'position',
      'function',
      'funktion',
      'berufsbezeichnung',
      'fonction',
      'poste',
      'cargo',
      'puesto',
    ],
  },
  {
    key: 'source',
    label: 'lead source',
    synonyms: [
      'source',
      'original source',
      'utm source',
      'channel',
      'herkunft',
      'quelle',
      'origine',
      'origen',
      'fuente',
    ],
  },
  {
    key: 'status',
    label: 'lead status',
    synonyms: ['status', 'stage', 'lifecycle stage', 'state', 'statut', 'estado', 'phase'],
  },
  { key: 'created', label: 'creation date', synonyms: createdNames },
  { key: 'lastActivity', label: 'last activity', synonyms: activityNames },
  {
    key: 'opens',
    label: 'opens',
    synonyms: [
      'email opens',
      'emails opened',
      'opened',
      'marketing emails opened',
      'geoffnet',
      'offnungen',
      'ouvertures',
      'aperturas',
    ],
  },
  {
    key: 'clicks',
    label: 'clicks',
    synonyms: ['email clicks', 'emails clicked', 'clicked', 'link clicks', 'klicks', 'clics'],
  },
  {
    key: 'visits',
    label: 'website visits',
    synonyms: ['visits', 'page views', 'pageviews', 'sessions', 'number of sessions', 'besuche', 'visites', 'visitas'],
  },
  {
    key: 'employees',
    label: 'employees',
    synonyms: [
      'company size',
      'number of employees',
      'no. of employees',
      'size',
      'mitarbeiter',
      'effectif',
      'salaries',
      'empleados',
    ],
  },
  { key: 'unsubscribed', label: 'unsubscribed', synonyms: optOutNames },
  { key: 'subscribed', label: 'subscribed', synonyms: optInNames },
] as const satisfies readonly Field[]

export type LeadField = (typeof leadFields)[number]['key']
