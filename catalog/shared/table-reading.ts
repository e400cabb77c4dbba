import { plainText, scanRecords } from './delimited-text.ts'
import { detectDelimiter } from './delimiter.ts'
import { type Field, hasRequired, matchHeaders, type Positions, requireHeaders } from './header-matching.ts'
import { noteLostLetters } from './lost-letters.ts'
import type { WarningList } from './warnings.ts'
import { counted } from './wording.ts'

/** The wanted columns of a file, each as long as the file has rows; a column that the file lacks is empty text throughout. */
export interface TextTable<Key extends string> {
  /** Line number of each row in the file. */
  lines: number[]
  columns: Record<Key, string[]>
  /** The file's own names; undefined for a column it lacks. */
  headers: Record<Key, string | undefined>
  delimiter: string
}

export interface TableOptions {
  /** Column names that the user chose, by field key. */
  overrides?: Record<string, string>
  warnings: WarningList
}

const headerSearch = 10
const internedValues = 20_000
const missingWords = new Set(['', '-', '--', '—', '–', 'n/a', '#n/a', 'null', 'nil'])

/**
 * Reads delimited text with a header line. Every row is kept: short ones are filled up, long ones cut, both reported.
 * @throws when there is no text, no needed column or no row
 */
export function readTable<Key extends string>(
  text: string,
  fields: readonly Field<Key>[],
  { overrides = {}, warnings }: TableOptions,
): TextTable<Key> {
  const plain = plainText(text)
  if (plain.trim() === '') throw new Error('The data is empty: it needs a line of column names and at least one row.')
  const { delimiter, skippedLines } = detectDelimiter(plain)
  const body = skippedLines === 0 ? plain : plain.slice(plain.indexOf('\n') + 1)
  const header = findHeader(body, delimiter, { fields, overrides })
  const rows = rowCollector(fields, header, warnings)
  noteLostLetters(plain, warnings)
  const unclosed = warnings.kind('unclosed_quote', [], unclosedSentence)
  scanRecords(body, delimiter, {
    record: (cells, line) => {
      if (line > header.line) rows.add(cells, line + skippedLines)
      return true
    },
    unclosedQuote: (line) => unclosed.at(line + skippedLines),
  })
  const { lines, columns } = rows
  if (lines.length === 0) throw new Error('The data has column names but no rows.')
  const headers = mapFields(fields, (key) => header.cells[header.positions[key] ?? -1]?.trim())
  return { lines, columns, headers, delimiter }
}

interface Header<Key extends string> {
  cells: string[]
  line: number
  positions: Positions<Key>
}

/** The first of the leading records that has every needed column: reports often begin with a title. */
function findHeader<Key extends string>(
  text: string,
  delimiter: string,
  { fields, overrides }: { fields: readonly Field<Key>[]; overrides: Record<string, string> },
): Header<Key> {
  const leading: Header<Key>[] = []
  scanRecords(text, delimiter, {
    record: (cells, line) => {
      leading.push({ cells, line, positions: matchHeaders(cells, fields, overrides) })
      return leading.length < headerSearch
    },
  })
  const found = leading.find(({ positions }) => hasRequired(positions, fields)) ?? leading[0]
  if (found === undefined) throw new Error('The data is empty: it needs a line of column names and at least one row.')
  requireHeaders(found.cells, fields, overrides)
  return found
}

function rowCollector<Key extends string>(fields: readonly Field<Key>[], header: Header<Key>, warnings: WarningList) {
  const lines: number[] = []
  const columns = mapFields(fields, (): string[] => [])
  const short = warnings.kind(
    'short_rows',
    [],
    (n) =>
      `${counted(n, 'row has', 'rows have')} fewer cells than there are column names; the missing cells count as empty.`,
  )
  const long = warnings.kind(
    'long_rows',
    [],
    (n) =>
      `${counted(n, 'row has', 'rows have')} more cells than there are column names; the extra cells were not used. A value may hold an unquoted delimiter.`,
  )
  const empty = warnings.kind('empty_rows', [], (n) => `${counted(n, 'row')} with delimiters but no value, left out.`)
  const readers = fields.map(({ key }) => ({
    column: columns[key],
    position: header.positions[key] ?? -1,
    clean: cellCleaner(),
  }))
  const width = header.cells.length
  const add = (cells: string[], line: number) => {
    if (cells.every((cell) => cell.trim() === '')) return empty.at(line)
    if (cells.length < width) short.at(line)
    if (cells.length > width && cells.slice(width).some((cell) => cell.trim() !== '')) long.at(line)
    lines.push(line)
    for (const { column, position, clean } of readers) column.push(clean(cells[position] ?? ''))
  }
  return { lines, columns, add }
}

// One string object for equal values keeps a column of many rows small.
function cellCleaner(): (cell: string) => string {
  const known = new Map<string, string>()
  return (cell) => {
    const seen = known.get(cell)
    if (seen !== undefined) return seen
    const trimmed = cell.trim()
    const clean = missingWords.has(trimmed.toLowerCase()) ? '' : trimmed
    if (known.size < internedValues) known.set(cell, clean)
    return clean
  }
}

function mapFields<Key extends string, Value>(fields: readonly Field<Key>[], make: (key: Key) => Value) {
  // Object.fromEntries forgets the keys' type; every field has its entry.
  return Object.fromEntries(fields.map(({ key }) => [key, make(key)])) as Record<Key, Value>
}

function unclosedSentence(count: number): string {
  return `${counted(count, 'row has', 'rows have')} a quotation mark that is never closed; it was read as an ordinary character.`
}
