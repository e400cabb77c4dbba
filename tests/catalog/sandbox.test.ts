import { describe, expect, test } from 'vitest'
import { requestBody, runFlow } from '../../catalog/flow-run.ts'
import { catalogSlugs, loadCatalog } from '../../catalog/index.ts'
import { fullPipeline } from './support/deals.ts'
import { sandboxRunner } from './support/sandbox.ts'

const slugs = await catalogSlugs()
const slowestMs = 5000

describe('inside the machine that runs code steps', () => {
  test.each(slugs)('%s gives its example result', async (slug) => {
    const entry = (await loadCatalog()).find(({ manifest }) => manifest.slug === slug)
    const { runCode } = await sandboxRunner()
    const outputs = await runFlow({ trigger: entry?.flow.trigger }, requestBody(entry?.sampleInput ?? {}), runCode)
    expect(outputs.get(entry?.manifest.resultStep ?? '')).toEqual(entry?.exampleResult)
  })

  test('the whole sales pipeline is analysed in a few seconds', async ({ annotate }) => {
    const entry = (await loadCatalog()).find(({ manifest }) => manifest.slug === 'deal-pipeline-analysis')
    const { runCode, times } = await sandboxRunner()
    const outputs = await runFlow({ trigger: entry?.flow.trigger }, requestBody({ data: fullPipeline() }), runCode)
    const total = [...times.values()].reduce((sum, ms) => sum + ms, 0)
    await annotate([...times].map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`).join(', '))
    expect(outputs.get('conclude')).toMatchObject({ data: { figures: { opportunities: 8800, wonValue: '10005534' } } })
    expect(total).toBeLessThan(slowestMs)
  })
})
