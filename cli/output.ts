/** Prints a value as JSON, so that other programs can read it. */
export function printJson(value: unknown, indent = 2): void {
  process.stdout.write(`${JSON.stringify(value, null, indent)}\n`)
}

/** Prints the items of a page, or the one thing, as a table of its plain fields. */
export function printTable(value: unknown): void {
  const rows = isPage(value) ? value.items : [value]
  const records = rows.filter((row): row is Record<string, unknown> => typeof row === 'object' && row !== null)
  const columns = [...new Set(records.flatMap((row) => Object.keys(row).filter((key) => isPlain(row[key]))))]
  process.stdout.write(
    `${textTable(
      columns,
      records.map((row) => columns.map((column) => cell(row[column]))),
    )}\n`,
  )
}

/** A table in aligned text; numbers to the right. */
export function textTable(columns: string[], rows: string[][]): string {
  const widths = columns.map((column, index) =>
    Math.min(60, Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0))),
  )
  const line = (cells: string[]) =>
    cells
      .map((text, index) => {
        const width = widths[index] ?? 0
        const short = text.length > width ? `${text.slice(0, width - 1)}…` : text
        return /^-?[\d,.]+ ?%?$/.test(short) ? short.padStart(width) : short.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return [line(columns), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

function isPage(value: unknown): value is { items: unknown[] } {
  return typeof value === 'object' && value !== null && 'items' in value && Array.isArray(value.items)
}

function isPlain(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

function cell(value: unknown): string {
  return value === null || value === undefined ? '' : String(value).replaceAll(/\s+/g, ' ')
}
