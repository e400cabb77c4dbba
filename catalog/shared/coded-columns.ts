/** A column of repeated texts, small enough to hand from step to step: each row's text is `names[codes[row]]`. */
export interface CodedColumn {
  names: string[]
  codes: number[]
}

/** `translate` may replace each distinct text, for one to merge spellings. */
export function codeColumn(values: string[], translate: (text: string) => string = (text) => text): CodedColumn {
  const names: string[] = []
  const positions = new Map<string, number>()
  const known = new Map<string, number>()
  const codes = values.map((value) => {
    const seen = known.get(value)
    if (seen !== undefined) return seen
    const name = translate(value)
    const position = positions.get(name) ?? names.push(name) - 1
    positions.set(name, position)
    known.set(value, position)
    return position
  })
  return { names, codes }
}

export function codedText(column: CodedColumn, row: number): string {
  return column.names[column.codes[row] ?? -1] ?? ''
}

/** How often each text occurs. */
export function countTexts(values: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
