import type { WarningKind, WarningList } from '../shared/warnings.ts'
import { counted } from '../shared/wording.ts'
import type { DealTable } from './deal-columns.ts'
import { dealFields } from './deal-fields.ts'
import { type Deals, outcomeOf } from './deals.ts'

/** Says what a file lacks and where its deals contradict themselves; nothing is left out because of it. */
export function checkDeals(deals: Deals, table: DealTable, warnings: WarningList): void {
  checkColumns(table, warnings)
  checkOutcomes(deals, table, warnings)
  const kinds = rowKinds(table, warnings)
  const seen = new Set<string>()
  deals.ids.forEach((id, row) => {
    const line = table.lines[row] ?? 0
    if (id !== '' && seen.has(id)) kinds.repeated.at(line)
    seen.add(id)
    checkRow(deals, row, (kind) => kinds[kind].at(line))
  })
}

type Kind = 'noStage' | 'noAccount' | 'noOpening' | 'noClosing' | 'noValue' | 'reversed' | 'repeated'

function checkRow(deals: Deals, row: number, report: (kind: Kind) => void): void {
  const outcome = outcomeOf(deals, row)
  const opened = deals.opened[row]
  const closed = deals.closed[row]
  if (deals.stages.names[deals.stages.codes[row] ?? -1] === '') report('noStage')
  if (deals.accounts.names[deals.accounts.codes[row] ?? -1] === '') report('noAccount')
  if (typeof opened !== 'number') report('noOpening')
  if (outcome !== 'open' && typeof closed !== 'number') report('noClosing')
  if (outcome === 'won' && deals.values.names[deals.values.codes[row] ?? -1] === '') report('noValue')
  if (outcome !== 'open' && typeof opened === 'number' && typeof closed === 'number' && closed < opened)
    report('reversed')
}

function rowKinds(table: DealTable, warnings: WarningList): Record<Kind, WarningKind> {
  const { headers } = table
  const silent: WarningKind = { at: () => {} }
  const kind = (code: string, column: string | undefined, rest: string) =>
    column === undefined ? silent : warnings.kind(code, [column], (count) => `${counted(count, 'deal')} ${rest}`)
  return {
    noStage: kind('missing_stage', headers.stage, 'without a stage; they count as open under "(no stage)".'),
    noAccount: kind('missing_account', headers.account, 'without an account; they count under "(no account)".'),
    noOpening: kind(
      'missing_open_date',
      headers.openedOn,
      'without an opening date; their age and cycle time are unknown.',
    ),
    noClosing: kind(
      'missing_close_date',
      headers.closedOn,
      'won or lost without a closing date; they are not part of the cycle times.',
    ),
    noValue: kind('missing_value', headers.value, 'won without a value; they add nothing to the won value.'),
    reversed: kind(
      'closed_before_opened',
      headers.closedOn,
      'closed before they were opened; they are not part of the cycle times.',
    ),
    repeated: kind('repeated_id', headers.id, 'with the id of an earlier deal; each row counts as a deal of its own.'),
  }
}

function checkColumns(table: DealTable, warnings: WarningList): void {
  for (const { key, label } of dealFields) {
    if (key !== 'status' && table.headers[key] === undefined) {
      warnings.note('missing_column', `The file has no column for ${label}; what depends on it is left empty.`, [key])
    }
  }
}

function checkOutcomes(deals: Deals, table: DealTable, warnings: WarningList): void {
  if (deals.outcomes.some((outcome) => outcome !== 'open')) return
  const message = 'No stage was recognised as won or lost; name them in "wonStages" and "lostStages".'
  warnings.note('no_closed_stage', message, [table.headers.stage ?? 'stage'])
}
