import type { ResultTable, ValueType } from '../../src/contracts/envelope.ts'

export type Cell = string | number | boolean | null

/** Columns as `key: [label, type]`, in the order they are shown. */
export type ColumnSet = Record<string, readonly [label: string, type: ValueType]>

/** A table whose rows hold exactly the columns named. */
export function resultTable<Columns extends ColumnSet>(
  title: string,
  columns: Columns,
  rows: Record<keyof Columns & string, Cell>[],
): ResultTable {
  const shown = Object.entries(columns).map(([key, [label, type]]) => ({ key, label, type }))
  return { title, columns: shown, rows }
}
