import { type PackedRows, packRows, unpackRows } from '../../shared/packed-rows.ts'
import { bareAddress, isWellFormed } from '../addresses.ts'
import { type Lead, newestDay, type Standing, type Suppressed, type SuppressionReason } from '../lead.ts'

type Sorted = { leads: Lead[]; suppressed: Suppressed[] }

/** What weighs more comes first: one opted-out row of an address is enough for all its rows. */
const weight: readonly Standing[] = ['unsubscribed', 'bounced', 'customer', 'ruled_out', 'prospect']

function heavier(a: Standing, b: Standing): Standing {
  return weight.indexOf(a) <= weight.indexOf(b) ? a : b
}

const neverSeen = Number.MIN_SAFE_INTEGER

type Person = { standing: Standing; kept: Lead }

function personsOf(leads: readonly Lead[]): Map<string, Person> {
  const persons = new Map<string, Person>()
  for (const lead of leads) {
    const known = persons.get(lead.email)
    if (!known) {
      persons.set(lead.email, { standing: lead.standing, kept: lead })
      continue
    }
    known.standing = heavier(known.standing, lead.standing)
    if ((newestDay(lead) ?? neverSeen) > (newestDay(known.kept) ?? neverSeen)) known.kept = lead
  }
  return persons
}

function reasonFor(lead: Lead, person: Person | undefined): SuppressionReason | null {
  if (lead.email === '') return 'missing'
  if (!isWellFormed(lead.email)) return 'invalid'
  if (person && person.standing !== 'prospect') return person.standing
  return person && person.kept !== lead ? 'duplicate' : null
}

/** Sets aside every row that must not be written to; of several rows of one address the one with the newest date stays. */
type Output = { leads: PackedRows<Lead>; suppressed: PackedRows<Suppressed> }

export async function code(input: { leads: PackedRows<Lead> }): Promise<Output> {
  const leads = unpackRows(input.leads).map((lead) => ({ ...lead, email: bareAddress(lead.email) }))
  const persons = personsOf(leads)
  const result: Sorted = { leads: [], suppressed: [] }
  for (const lead of leads) {
    const person = persons.get(lead.email)
    const reason = reasonFor(lead, person)
    if (reason === null) result.leads.push(lead)
    else {
      const keptLine = reason === 'duplicate' ? (person?.kept.line ?? null) : null
      result.suppressed.push({ line: lead.line, email: lead.email, reason, keptLine })
    }
  }
  return { leads: packRows(result.leads), suppressed: packRows(result.suppressed) }
}
