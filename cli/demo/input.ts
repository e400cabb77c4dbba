import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const sharedExport = fileURLToPath(new URL('../../../shared/data/crm/sales_pipeline.csv', import.meta.url))
const sample = fileURLToPath(new URL('../../catalog/deal-pipeline-analysis/sample.csv', import.meta.url))

export interface DemoFile {
  path: string
  /** What the workflow is started with beside the file. */
  options: Record<string, unknown>
  /** What the result must say, where the file is one that we know. */
  expected: Record<string, unknown> | undefined
}

/** Published figures of the well-known practice set (its data page), by the SHA-256 of the file. */
const publishedFigures: Record<string, Record<string, unknown>> = {
  '4362896c67b62eb2b783f7b91fdf03492b1d5a92b48fd1b5d536a5bfa5640276': {
    opportunities: 8800,
    won: 4238,
    lost: 2473,
    wonValue: '10005534',
    winRatePercent: 63.15,
  },
}

/** The CSV given, else the full practice set where it lies beside the project, else the sample that comes with the project. */
export function readDemoFile(given: string | undefined): DemoFile {
  const path = resolve(given ?? (existsSync(sharedExport) ? sharedExport : sample))
  if (!existsSync(path))
    throw new Error(`There is no file ${path}; give --input a CSV export of your sales opportunities.`)
  if (path === sample) return { path, options: sampleOptions(), expected: sampleFigures() }
  const sum = createHash('sha256').update(readFileSync(path)).digest('hex')
  return { path, options: {}, expected: publishedFigures[sum] }
}

function sampleOptions(): Record<string, unknown> {
  const { data: _, ...options } = readWorkflowFile('sample-input.json')
  return options
}

function sampleFigures(): Record<string, unknown> {
  const { data } = readWorkflowFile('expected-output.json') as { data: { figures: Record<string, unknown> } }
  return data.figures
}

function readWorkflowFile(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../../catalog/deal-pipeline-analysis/${name}`, import.meta.url), 'utf8'))
}
