import type { TextTable } from '../shared/table-reading.ts'
import type { WarningList } from '../shared/warnings.ts'
import { counted } from '../shared/wording.ts'
import type { LeadField } from './fields.ts'

/** What can be wrong with single cells of a list of leads. */
export function leadWarnings(warnings: WarningList, { headers }: TextTable<LeadField>) {
  const unreadable = (code: string, fields: LeadField[], consequence: string) =>
    warnings.kind(
      code,
      fields.flatMap((field) => headers[field] ?? []),
      (n) => `${counted(n, 'lead has', 'leads have')} ${consequence}`,
    )
  return {
    date: unreadable(
      'unreadable_date',
      ['created', 'lastActivity'],
      'a date that could not be read; it counts as missing.',
    ),
    late: unreadable(
      'date_after_start',
      ['created', 'lastActivity'],
      'a date after the start of the campaign; it counts as missing.',
    ),
    number: unreadable(
      'unreadable_number',
      ['opens', 'clicks', 'visits', 'employees'],
      'a count that could not be read; it earns no points.',
    ),
    consent: unreadable(
      'unclear_consent',
      ['unsubscribed', 'subscribed'],
      'an opt-out or opt-in value that could not be read; to be safe they are treated as unsubscribed.',
    ),
  }
}
export type LeadWarnings = ReturnType<typeof leadWarnings>
