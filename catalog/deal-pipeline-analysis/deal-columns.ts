import type { Day } from '../shared/calendar.ts'
import { type CodedColumn, codeColumn, countTexts } from '../shared/coded-columns.ts'
import { dateReader } from '../shared/date-reading.ts'
import type { DateOrder } from '../shared/date-text.ts'
import { decimalText } from '../shared/decimal.ts'
import { numberReader } from '../shared/number-reading.ts'
import type { TextTable } from '../shared/table-reading.ts'
import { mergeSpellings, tidyText } from '../shared/text-matching.ts'
import type { WarningList } from '../shared/warnings.ts'
import { counted, listed } from '../shared/wording.ts'
import type { DealField } from './deal-fields.ts'
import type { Outcome } from './deals.ts'

export type DealTable = TextTable<DealField>

const orderNames = { ymd: 'year, month, day', mdy: 'month, day, year', dmy: 'day, month, year' }

/** Names with their spellings merged: what differs only in case, blanks or punctuation is one name. */
export function nameColumn(table: DealTable, field: DealField, warnings: WarningList): CodedColumn {
  const counts = countTexts(table.columns[field].map(tidyText))
  counts.delete('')
  const { canonical, merged } = mergeSpellings(counts)
  const column = table.headers[field] ?? field
  for (const { kept, others } of merged) {
    const rows = others.reduce((total, other) => total + (counts.get(other) ?? 0), 0)
    const spellings = listed(others.map((other) => `"${other}"`))
    warnings.note('merged_spellings', `${spellings} in ${column} counts as "${kept}".`, [column], rows)
  }
  return codeColumn(table.columns[field], (text) => canonical.get(tidyText(text)) ?? '')
}

/** Stages with their spellings merged; where the file tells the outcome in a column of its own, a won or lost deal has that as its stage. */
export function stageColumn(table: DealTable, classify: (text: string) => Outcome, warnings: WarningList): CodedColumn {
  const { stage, status } = table.columns
  if (table.headers.status === undefined || table.headers.status === table.headers.stage) {
    return nameColumn(table, 'stage', warnings)
  }
  const outcomes = new Map([...new Set(status)].map((text) => [text, classify(text)]))
  const merged = stage.map((text, row) => {
    const outcome = status[row] ?? ''
    return text === '' || (outcomes.get(outcome) ?? 'open') !== 'open' ? outcome : text
  })
  return nameColumn({ ...table, columns: { ...table.columns, stage: merged } }, 'stage', warnings)
}

/** Exact values; one that is no number counts as missing. */
export function valueColumn(table: DealTable, warnings: WarningList): CodedColumn {
  const texts = table.columns.value
  const column = table.headers.value ?? 'value'
  const reader = numberReader(texts)
  const unreadable = warnings.kind(
    'unreadable_number',
    [column],
    (n) => `${counted(n, 'value')} of ${column} could not be read as numbers, taken as missing.`,
  )
  texts.forEach((text, row) => {
    if (text !== '' && reader.read(text) === undefined) unreadable.at(table.lines[row] ?? 0)
  })
  if (reader.isAssumed) {
    const message = `Nothing in ${column} tells a thousands separator from a decimal mark; numbers such as 1,234 were read as thousands.`
    warnings.note('number_format_assumed', message, [column])
  }
  return codeColumn(texts, (text) => {
    const value = reader.read(text)
    return value === undefined ? '' : decimalText(value)
  })
}

/** Both date columns, read in one order. */
export function dateColumns(table: DealTable, wanted: DateOrder | 'auto', warnings: WarningList) {
  const { openedOn, closedOn } = table.columns
  const reader = dateReader([openedOn, closedOn], wanted)
  const columns = [table.headers.openedOn, table.headers.closedOn].filter((name) => name !== undefined)
  if (reader.isAssumed) {
    const message = `The dates fit more than one order; they were read as ${orderNames[reader.order]}. Set "dateOrder" if that is wrong.`
    warnings.note('date_order_assumed', message, columns)
  }
  const read = (field: 'openedOn' | 'closedOn'): (Day | null)[] => {
    const column = table.headers[field] ?? field
    const unreadable = warnings.kind(
      'unreadable_date',
      [column],
      (n) => `${counted(n, 'date')} of ${column} could not be read, taken as missing.`,
    )
    return table.columns[field].map((text, row) => {
      const day = reader.read(text)
      if (day === undefined && text !== '') unreadable.at(table.lines[row] ?? 0)
      return day ?? null
    })
  }
  return { opened: read('openedOn'), closed: read('closedOn') }
}
