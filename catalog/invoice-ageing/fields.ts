import type { Field } from '../shared/header-matching.ts'

const numberNames = [
  ...['invoice number', 'invoice no', 'invoice no.', 'invoice #', 'invoice id', 'invoice', 'document number', 'doc no'],
  ...['number', 'no.', 'rechnungsnummer', 'rechnungsnr', 'rechnung', 'belegnummer', 'beleg', 'numero de facture'],
  ...['facture', 'n° facture', 'numero de factura', 'factura', 'num factura', 'numero'],
  ...['num', 'doc number', 're-nr', 'rg-nr', 'belegfeld 1'],
]
const customerNames = [
  ...['customer name', 'client', 'client name', 'account', 'account name', 'company', 'debtor', 'bill to', 'contact'],
  ...[
    'contact name',
    'kunde',
    'kundenname',
    'debitor',
    'firma',
    'client',
    'nom du client',
    'raison sociale',
    'cliente',
  ],
  ...['nombre del cliente'],
  ...['name'],
]
const issuedNames = [
  ...['invoice date', 'date', 'issue date', 'issued', 'issued on', 'document date', 'posting date', 'bill date'],
  ...['rechnungsdatum', 'belegdatum', 'datum', 'date de facture', 'date facture', 'date d emission'],
  ...['fecha de factura', 'fecha factura', 'fecha de emision', 'fecha'],
]
const dueNames = [
  ...['due', 'due on', 'payment due', 'payment due date', 'maturity', 'maturity date', 'net due date', 'faellig'],
  ...['fallig am', 'fallig', 'falligkeit', 'falligkeitsdatum', 'faelligkeit', 'echeance', "date d'echeance"],
  ...['vencimiento', 'fecha de vencimiento'],
]
const amountNames = [
  ...['total', 'invoice amount', 'invoice total', 'total amount', 'gross amount', 'gross', 'amount due', 'value'],
  ...['betrag', 'bruttobetrag', 'rechnungsbetrag', 'gesamtbetrag', 'brutto', 'montant', 'montant ttc', 'total ttc'],
  ...['importe', 'importe total', 'monto'],
]
const paidNames = [
  ...['paid', 'amount paid', 'payment', 'payment amount', 'payments', 'received', 'amount received', 'bezahlt'],
  ...['gezahlt', 'zahlbetrag', 'zahlung', 'paye', 'montant paye', 'regle', 'pagado', 'importe pagado', 'cobrado'],
  ...['invoice amount paid'],
]
const balanceNames = [
  ...['open amount', 'balance', 'balance due', 'outstanding', 'outstanding amount', 'open', 'remaining', 'unpaid'],
  ...['offen', 'offener betrag', 'restbetrag', 'saldo', 'solde', 'reste a payer', 'reste du', 'pendiente'],
  ...['open balance', 'amount due', 'invoice amount due', 'amount remaining'],
]
const paidOnNames = [
  ...['payment date', 'paid on', 'date paid', 'paid at', 'received on', 'last payment date', 'zahlungsdatum'],
  ...[
    'bezahlt am',
    'zahlungseingang',
    'date de paiement',
    'paye le',
    'date de reglement',
    'fecha de pago',
    'pagado el',
  ],
]
const referenceNames = [
  ...['applies to', 'applied to', 'original invoice', 'credited invoice', 'related invoice', 'bezug', 'bezugsrechnung'],
  ...['facture d origine', 'factura original', 'reference', 'referenz', 'referencia'],
]

export const invoiceFields = [
  { key: 'customer', label: 'customer', synonyms: customerNames, isRequired: true },
  { key: 'amount', label: 'amount', synonyms: amountNames, isRequired: true },
  { key: 'number', label: 'invoice number', synonyms: numberNames },
  { key: 'issued', label: 'invoice date', synonyms: issuedNames },
  { key: 'due', label: 'due date', synonyms: dueNames },
  { key: 'paid', label: 'paid amount', synonyms: paidNames },
  { key: 'paidOn', label: 'paid date', synonyms: paidOnNames },
  { key: 'balance', label: 'amount outstanding', synonyms: balanceNames },
  {
    key: 'currency',
    label: 'currency',
    synonyms: ['currency code', 'curr', 'ccy', 'wahrung', 'devise', 'monnaie', 'moneda', 'divisa'],
  },
  {
    key: 'terms',
    label: 'payment terms',
    synonyms: [
      'terms',
      'net days',
      'zahlungsziel',
      'zahlungsbedingungen',
      'conditions de paiement',
      'delai de paiement',
      'condiciones de pago',
      'plazo',
    ],
  },
  {
    key: 'status',
    label: 'invoice status',
    synonyms: ['status', 'state', 'payment status', 'zustand', 'statut', 'etat', 'estado'],
  },
  {
    key: 'kind',
    label: 'document type',
    synonyms: [
      'type',
      'document kind',
      'doc type',
      'invoice type',
      'belegart',
      'art',
      'typ',
      'type de document',
      'tipo',
      'tipo de documento',
    ],
  },
  { key: 'reference', label: 'credited invoice', synonyms: referenceNames },
] as const satisfies readonly Field[]

export type InvoiceField = (typeof invoiceFields)[number]['key']
