import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { buildFlow, engineSecretHeader, engineSecretPlaceholder } from '../../../catalog/flow-builder.ts'
import { requestBody } from '../../../catalog/flow-run.ts'
import { catalogSlugs, loadCatalog } from '../../../catalog/index.ts'
import { startSink } from './sink.ts'
import { sharedEngine } from './support.ts'

const slugs = await catalogSlugs()
const secret = { [engineSecretHeader]: engineSecretPlaceholder }
const ownTimeout = '"timeout":10'
const shortTimeout = '"timeout":0.1'
const told = z.object({
  id: z.string(),
  type: z.string(),
  status: z.string(),
  output: z.record(z.string(), z.unknown()),
})

/** A flow of the catalog's kind with one working step, as published, with as much patience for its callback as is said. */
function telling(code: string, timeout = ownTimeout): unknown {
  const steps = [{ name: 'report', displayName: 'Report', input: { input: "{{trigger['body']['input']}}" } }]
  const codes = new Map([
    ['check_request', 'export const code = async ({ body }) => body'],
    ['report', code],
  ])
  const { trigger } = buildFlow({ displayName: 'Tells', steps }, codes)
  return JSON.parse(JSON.stringify(trigger).replace(ownTimeout, timeout))
}

const answering = "export const code = async ({ input }) => ({ summary: 'Done.', data: { given: input } })"

async function runTelling(trigger: unknown, input: Record<string, unknown>, callback?: { url: string; token: string }) {
  const { client } = await sharedEngine()
  const flowId = await client.publish(z.looseObject({}).parse(trigger))
  await client.trigger(flowId, { ...requestBody(input), ...(callback ? { callback } : {}) }, secret)
  return client.waitForNewest(flowId, 'SUCCEEDED', 'FAILED', 'LOG_SIZE_EXCEEDED', 'INTERNAL_ERROR')
}

describe('a flow that tells its result', () => {
  test('posts it once, whole and as an object, with the token it was given', async () => {
    const sink = await startSink()
    const run = await runTelling(telling(answering), { n: 7 }, { url: `${sink.url}/runs/1`, token: 'the-token' })
    expect(run.status).toBe('SUCCEEDED')
    expect(sink.seen).toHaveLength(1)
    expect(sink.seen[0]).toMatchObject({
      method: 'POST',
      url: '/runs/1',
      headers: { authorization: 'Bearer the-token', 'content-type': 'application/json' },
    })
    expect(JSON.parse(sink.seen[0]?.body ?? '')).toEqual({
      id: 'finished',
      type: 'finished',
      status: 'succeeded',
      output: { summary: 'Done.', data: { given: { n: 7 } } },
    })
  })

  test('posts a result of five megabytes', async () => {
    const sink = await startSink()
    const code = "export const code = async () => ({ summary: 'Done.', text: 'é'.repeat(2_500_000) })"
    const run = await runTelling(telling(code), {}, { url: sink.url, token: 'the-token' })
    expect(run).toMatchObject({ status: 'SUCCEEDED', steps: { report: { outputType: 'slice' } } })
    const { output } = told.parse(JSON.parse(sink.seen[0]?.body ?? ''))
    expect(output['text']).toHaveLength(2_500_000)
    expect(JSON.stringify(run.steps['tell_result'])).not.toContain('éé')
  })

  test.for([
    ['answers 500', '/', [500]],
    ['answers 413', '/', [413]],
    ['sends it elsewhere', '/moved', []],
    ['hangs', '/silent', []],
  ] as const)('succeeds when the callback %s, and asks it once', async ([, path, statuses]) => {
    const sink = await startSink(...statuses)
    const flow = telling(answering, path === '/silent' ? shortTimeout : ownTimeout)
    const run = await runTelling(flow, {}, { url: sink.url + path, token: 'the-token' })
    expect(run).toMatchObject({ status: 'SUCCEEDED', failedStep: null })
    expect(run.steps['report']?.output).toMatchObject({ summary: 'Done.' })
    expect(sink.seen).toHaveLength(1)
  })

  test.for([
    ['nobody listens', { url: 'http://127.0.0.1:9/', token: 'the-token' }],
    ['the address is none', { url: 'nowhere', token: 'the-token' }],
    ['no callback was given', undefined],
  ] as const)('succeeds when %s', async ([, callback]) => {
    const run = await runTelling(telling(answering), {}, callback)
    expect(run).toMatchObject({ status: 'SUCCEEDED', failedStep: null })
    expect(run.steps['report']?.output).toMatchObject({ summary: 'Done.' })
  })

  test('tells nothing when a step before failed', async () => {
    const sink = await startSink()
    const failing = telling("export const code = async () => { throw new Error('no rows') }")
    expect((await runTelling(failing, {}, { url: sink.url, token: 'the-token' })).status).toBe('FAILED')
    expect(sink.seen).toEqual([])
  })

  test.for(slugs)('%s of the catalog tells its example result', async (slug) => {
    const sink = await startSink()
    const entry = (await loadCatalog()).find(({ manifest }) => manifest.slug === slug)
    const callback = { url: sink.url, token: 'the-token' }
    expect((await runTelling(entry?.flow.trigger, entry?.sampleInput ?? {}, callback)).status).toBe('SUCCEEDED')
    expect(told.parse(JSON.parse(sink.seen[0]?.body ?? '')).output).toEqual(entry?.exampleResult)
  })
})
