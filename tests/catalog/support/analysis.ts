import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { requestBody, runFlow, runHere } from '../../../catalog/flow-run.ts'
import { catalogPath } from '../../../catalog/index.ts'
import { envelope, resultTable } from '../../../src/contracts/envelope.ts'

const data = z.object({ figures: z.record(z.string(), z.unknown()), tables: z.record(z.string(), resultTable) })

/** The result of the deal pipeline analysis for an input. */
export async function analyse(input: Record<string, unknown>) {
  const flow = JSON.parse(await readFile(catalogPath('deal-pipeline-analysis', 'flow.json'), 'utf8'))
  const result = envelope.parse((await runFlow(flow, requestBody(input), runHere)).get('conclude'))
  return { ...result, ...data.parse(result.data) }
}

export async function sampleDeals(): Promise<string> {
  return readFile(catalogPath('deal-pipeline-analysis', 'sample.csv'), 'utf8')
}
