/** Delimited text from records; a cell is quoted when it must be, or always. */
export function delimitedText(
  records: string[][],
  {
    delimiter = ',',
    lineBreak = '\n',
    quoteAll = false,
  }: { delimiter?: string; lineBreak?: string; quoteAll?: boolean } = {},
): string {
  const written = (cell: string) => {
    const needsQuotes = quoteAll || /["\r\n\uFEFF]/.test(cell) || cell.includes(delimiter)
    return needsQuotes ? `"${cell.replaceAll('"', '""')}"` : cell
  }
  return records.map((record) => record.map(written).join(delimiter) + lineBreak).join('')
}
