import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { requestBody, runFlow, runHere } from '../../../catalog/flow-run.ts'
import { catalogPath } from '../../../catalog/index.ts'
import { envelope, resultTable } from '../../../src/contracts/envelope.ts'

const data = z.object({ figures: z.record(z.string(), z.unknown()), tables: z.record(z.string(), resultTable) })

/** What a test asks of a workflow: its result on an input, and the files beside it. */
export async function workflow(slug: string, resultStep = 'report') {
  const json = async (name: string) => JSON.parse(await readFile(catalogPath(slug, name), 'utf8'))
  const flow = await json('flow.json')
  const result = async (input: Record<string, unknown>) =>
    envelope.parse((await runFlow(flow, requestBody(input), runHere)).get(resultStep))
  return {
    result,
    json,
    sample: () => readFile(catalogPath(slug, 'sample.csv'), 'utf8'),
    run: async (input: Record<string, unknown>) => {
      const whole = await result(input)
      const { figures, tables } = data.parse(whole.data)
      return { ...whole, figures, rows: (table: string) => tables[table]?.rows ?? [] }
    },
  }
}
