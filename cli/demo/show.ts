import { type Envelope, type ResultTable, resultTable } from '../../src/contracts/envelope.ts'
import type { Execution } from '../../src/contracts/executions.ts'
import { textTable } from '../output.ts'

const largestTable = 12

export function step(what: string, detail: string): void {
  process.stdout.write(`• ${what}: ${detail}\n`)
}

/** Shows a run's result as people read it: summary, figures, tables, insights, what could not be read. */
export function showResult(run: Execution): void {
  if (!run.outputData) throw new Error(run.errorMessage ?? `The run has ${run.status} and gave no result.`)
  const { summary, data, insights, warnings } = run.outputData
  write(`\n${summary}\n`)
  showFigures(data['figures'])
  for (const table of tablesOf(data)) showTable(table)
  for (const insight of insights) {
    write(
      `\n${insight.title}`,
      `  found:    ${insight.finding}`,
      `  computed: ${insight.computation}`,
      `  do:       ${insight.action}`,
    )
  }
  for (const warning of warnings) write(`\nNote: ${warning.message}`)
  write(`\nThe run took ${run.durationSeconds} s and saved about ${run.minutesSaved} minutes of work.`)
}

export function tablesOf(data: Envelope['data']): ResultTable[] {
  const tables = typeof data['tables'] === 'object' && data['tables'] !== null ? Object.values(data['tables']) : []
  return tables.flatMap((table) => resultTable.safeParse(table).data ?? [])
}

function showFigures(figures: unknown): void {
  if (typeof figures !== 'object' || figures === null) return
  const rows = Object.entries(figures).filter(([, value]) => typeof value !== 'object' || value === null)
  write(
    textTable(
      ['figure', 'value'],
      rows.map(([name, value]) => [name, String(value)]),
    ),
  )
}

function showTable({ title, columns, rows }: ResultTable): void {
  const cells = rows.slice(0, largestTable).map((row) => columns.map(({ key }) => String(row[key] ?? '')))
  write(
    `\n${title}`,
    textTable(
      columns.map(({ label }) => label),
      cells,
    ),
  )
  if (rows.length > largestTable) write(`… and ${rows.length - largestTable} more`)
}

function write(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
