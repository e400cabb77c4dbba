/** Rows as their columns, for the way from step to step: a tenth to a half of the rows as JSON objects. */
export type PackedRows<Row> = { count: number; columns: { [Key in keyof Row]: Column<Row[Key]> } }

/** All values in order, or, where few differ, these once and the place of each row's value among them. */
type Column<Value> = Value[] | { values: Value[]; places: number[] }

const fewestRepeats = 3

/** @param rows all with the same properties, of plain values */
export function packRows<Row extends object>(rows: readonly Row[]): PackedRows<Row> {
  const keys = Object.keys(rows[0] ?? {})
  const columns = Object.fromEntries(
    keys.map((key) => [key, packColumn(rows.map((row): unknown => Reflect.get(row, key)))]),
  )
  // Object.fromEntries forgets the keys' types; each column was taken from the rows under its key.
  return { count: rows.length, columns: columns as PackedRows<Row>['columns'] }
}

export function unpackRows<Row extends object>({ count, columns }: PackedRows<Row>): Row[] {
  const readers = Object.entries<Column<unknown>>(columns).map(([key, column]) => [key, readerOf(column)] as const)
  return Array.from({ length: count }, (_, row) => {
    const values: Record<string, unknown> = {}
    for (const [key, valueAt] of readers) values[key] = valueAt(row)
    // As above: what was packed of a row is what it is made of again.
    return values as Row
  })
}

function packColumn(column: unknown[]): Column<unknown> {
  const places = new Map<unknown, number>()
  const most = column.length / fewestRepeats
  const placed: number[] = []
  for (const value of column) {
    const place = places.get(value) ?? places.size
    if (place >= most) return column
    places.set(value, place)
    placed.push(place)
  }
  return { values: [...places.keys()], places: placed }
}

function readerOf(column: Column<unknown>): (row: number) => unknown {
  return Array.isArray(column) ? (row) => column[row] : (row) => column.values[column.places[row] ?? -1]
}
