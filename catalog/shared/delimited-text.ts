import { readQuotedRecord } from './quoted-record.ts'

export const delimiters = [',', ';', '\t', '|'] as const
export type Delimiter = (typeof delimiters)[number]

export interface RecordVisitor {
  /** Return false to stop. `line` counts from 1 as an editor does. */
  record: (cells: string[], line: number) => boolean | undefined
  /** The record was read as plain text because a quote in it is never closed. */
  unclosedQuote?: (line: number) => void
}

/** Without byte order mark and with `\n` as the only line break, which is what `scanRecords` expects. */
export function plainText(text: string): string {
  const bare = text.startsWith('\uFEFF') ? text.slice(1) : text
  return bare.includes('\r') ? bare.replace(/\r\n?/g, '\n') : bare
}

/** Visits the records of a plain text one by one; blank lines are no records. */
export function scanRecords(text: string, delimiter: string, visitor: RecordVisitor): void {
  let position = 0
  let line = 1
  while (position < text.length) {
    const lineBreak = text.indexOf('\n', position)
    const end = lineBreak === -1 ? text.length : lineBreak
    const raw = text.slice(position, end)
    const quoted = raw.includes('"') ? readQuotedRecord(text, position, delimiter) : undefined
    if (quoted === undefined && raw.includes('"')) visitor.unclosedQuote?.(line)
    const cells = quoted?.cells ?? raw.split(delimiter)
    if (!isBlank(cells) && visitor.record(cells, line) === false) return
    const next = quoted?.next ?? end + 1
    line += quoted === undefined ? 1 : lineBreaks(text, position, next)
    position = next
  }
}

function isBlank(cells: string[]): boolean {
  return cells.length === 1 && (cells[0] ?? '').trim() === ''
}

function lineBreaks(text: string, start: number, end: number): number {
  let count = 0
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) count += 1
  return count
}
