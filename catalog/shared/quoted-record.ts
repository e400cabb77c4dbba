export interface QuotedRecord {
  cells: string[]
  /** Where the next record begins. */
  next: number
}

/**
 * Reads one record that holds quotes: a quoted cell may contain delimiters, doubled quotes and line breaks.
 * A quote in the middle of a cell is an ordinary character. Gives undefined when a quote is never closed.
 */
export function readQuotedRecord(text: string, start: number, delimiter: string): QuotedRecord | undefined {
  const cells: string[] = []
  let position = start
  while (true) {
    const cell = text[position] === '"' ? readQuotedCell(text, position) : { value: '', next: position }
    if (cell === undefined) return undefined
    const end = endOfCell(text, cell.next, delimiter)
    cells.push(cell.value + text.slice(cell.next, end))
    if (end >= text.length || text[end] === '\n') return { cells, next: end + 1 }
    position = end + 1
  }
}

function readQuotedCell(text: string, start: number): { value: string; next: number } | undefined {
  const parts: string[] = []
  let position = start + 1
  while (true) {
    const quote = text.indexOf('"', position)
    if (quote === -1) return undefined
    parts.push(text.slice(position, quote))
    if (text[quote + 1] !== '"') return { value: parts.join(''), next: quote + 1 }
    parts.push('"')
    position = quote + 2
  }
}

function endOfCell(text: string, start: number, delimiter: string): number {
  let end = start
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n') end += 1
  return end
}
