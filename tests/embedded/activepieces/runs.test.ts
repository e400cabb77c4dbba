import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { code, piece, respond, webhookFlow } from './flows.ts'
import { type Client, eventually, type RunView, sharedEngine, startTestEngine } from './support.ts'

const page = z.object({
  data: z.array(z.looseObject({ id: z.string(), created: z.string() })),
  next: z.string().nullable(),
  previous: z.string().nullable(),
})
const failing = (message: string) =>
  code('bad', `export const code = () => { throw new Error(${JSON.stringify(message)}) }`)

async function fetchPage(client: Client, query: string) {
  const answer = await client.call('GET', `/flow-runs?projectId=${client.projectId}${query}`)
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return page.parse(answer.body)
}

describe('the list of runs', () => {
  test('pages both ways, newest first, without gaps or doubles', async () => {
    const { client } = await startTestEngine()
    const flowId = await client.publish(webhookFlow([code('one', 'export const code = () => 1')]))
    await Promise.all(Array.from({ length: 7 }, () => client.trigger(flowId)))
    await eventually(async () => ((await client.listRuns('&status=SUCCEEDED')).length === 7 ? true : undefined))
    const all = (await fetchPage(client, '&limit=100')).data.map((run) => run.id)
    const at = (cursor: string | null) => `&limit=3&cursor=${encodeURIComponent(cursor ?? '')}`
    const first = await fetchPage(client, '&limit=3')
    const second = await fetchPage(client, at(first.next))
    const third = await fetchPage(client, at(second.next))
    expect([first, second, third].flatMap((found) => found.data.map((run) => run.id))).toEqual(all)
    expect([first.previous, third.next]).toEqual([null, null])
    const back = await fetchPage(client, at(third.previous))
    expect(back.data).toEqual(second.data)
    expect((await fetchPage(client, '&cursor=garbage')).data).toHaveLength(7)
    expect(first.data[0]).not.toHaveProperty('steps')
    expect(first.data[0]).toHaveProperty('flowVersion.trigger')
  })

  test('filters by tag, state, failed step, time and id, and refuses states joined by a comma', async () => {
    const { client } = await startTestEngine()
    const tag = (name: string) => piece(name, 'tags add_tag', { name: `{{trigger['body']['${name}']}}` })
    const good = await client.publish(webhookFlow([tag('a'), tag('b')]))
    const bad = await client.publish(webhookFlow([failing('no such customer')]))
    const tagged = await client.runToEnd(good, { a: 'x', b: 'y' })
    await client.runToEnd(good, { a: 'x', b: 'z' })
    const failed = await client.runToEnd(bad)
    const ids = async (query: string) => (await fetchPage(client, query)).data.map((run) => run.id)
    expect(tagged.tags).toEqual(['x', 'y'])
    expect(await ids('&tags=x')).toHaveLength(2)
    expect(await ids('&tags=x&tags=y')).toEqual([tagged.id])
    expect(await ids('&tags=nope')).toEqual([])
    expect(await ids('&status[]=FAILED&status[]=TIMEOUT')).toEqual([failed.id])
    expect(await ids('&failedStepName=bad')).toEqual([failed.id])
    expect(await ids('&failedStepMessage=SUCH%20customer')).toEqual([failed.id])
    expect(await ids(`&flowRunIds=${tagged.id}&flowRunIds=${failed.id}`)).toEqual([failed.id, tagged.id])
    expect(await ids(`&flowId=${bad}`)).toEqual([failed.id])
    const { created } = z.looseObject({ created: z.string() }).parse(failed)
    expect(await ids(`&createdAfter=${created}`)).toEqual([failed.id])
    expect(await ids(`&createdBefore=${created}&limit=100`)).toHaveLength(3)
    const joined = await client.call('GET', `/flow-runs?projectId=${client.projectId}&status=FAILED,TIMEOUT`)
    expect(joined).toMatchObject({ status: 400, body: { code: 'FST_ERR_VALIDATION' } })
    const counts = await client.call('GET', `/flow-runs/count-by-status?projectId=${client.projectId}`)
    expect(counts.body).toEqual({
      data: [
        { status: 'FAILED', count: 1 },
        { status: 'SUCCEEDED', count: 2 },
      ],
    })
  })
})

describe('a run', () => {
  test('shows its steps as they finish, and the one that is running', async () => {
    const { client } = await sharedEngine()
    const wait = (name: string) =>
      code(name, 'export const code = () => new Promise((d) => setTimeout(() => d(1), 150))')
    const flowId = await client.publish(webhookFlow([wait('one'), wait('two')]))
    await client.trigger(flowId)
    const newest = await client.waitForNewest(flowId, 'RUNNING')
    const seen: string[] = []
    await eventually(async () => {
      const run: RunView = await client.run(newest.id)
      const states = `${run.steps['one']?.status} ${run.steps['two']?.status}`
      if (run.status === 'RUNNING' && seen.at(-1) !== states) seen.push(states)
      return run.status === 'SUCCEEDED' ? true : undefined
    })
    expect(seen).toEqual(expect.arrayContaining(['RUNNING undefined', 'SUCCEEDED RUNNING']))
  })

  test('gives a large output as a slice behind a link, and a large input by its size', async () => {
    const { client } = await sharedEngine()
    const big = code('big', 'export const code = async () => ({ text: "x".repeat(40000) })')
    const user = code('user', 'export const code = async (i) => i.big.text.length', { big: '{{big}}', small: 1 })
    const run = await client.runToEnd(await client.publish(webhookFlow([big, user])))
    const slice = z.object({ fileId: z.string(), size: z.number(), url: z.string() }).parse(run.steps['big']?.output)
    expect(run.steps['big']?.outputType).toBe('slice')
    expect(slice.size).toBe(40_000 + '{"text":""}'.length)
    expect(await (await fetch(slice.url)).json()).toEqual({ text: 'x'.repeat(40_000) })
    expect(run.steps['user']).toMatchObject({
      input: { big: '(truncated, original size 39 KB)', small: 1 },
      output: 40_000,
    })
  })

  test('keeps the whole error at the step, and a cut one at the run', async () => {
    const { client } = await sharedEngine()
    const run = await client.runToEnd(await client.publish(webhookFlow([failing('long '.repeat(300))])))
    expect(run.failedStep?.message).toHaveLength(701)
    expect(run.failedStep?.message).toMatch(/^\{"__apErrorVersion":1,"message":"Error: long .*…$/)
    expect(JSON.parse(run.steps['bad']?.errorMessage ?? '')).toMatchObject({ message: `Error: ${'long '.repeat(300)}` })
  })

  test('that takes too long ends as TIMEOUT and lets go of its worker', async () => {
    const { client } = await startTestEngine({ workers: 1, limits: { flowTimeoutMs: 2000, codeThreads: 1 } })
    const source = 'export const code = (i) => new Promise((d) => setTimeout(d, i.ms))'
    const flowId = await client.publish(webhookFlow([code('one', source, { ms: "{{trigger['body']['ms']}}" })]))
    const slow = await client.runToEnd(flowId, { ms: 60_000 })
    expect(slow).toMatchObject({ status: 'TIMEOUT', startTime: null, failedStep: null })
    expect(Object.keys(slow.steps)).toEqual(['trigger'])
    expect((await client.runToEnd(flowId, { ms: 1 })).status).toBe('SUCCEEDED')
  })

  test('waits while all workers are busy, and can be cancelled then; a running one cannot', async () => {
    const { client } = await startTestEngine({ workers: 1 })
    const wait = code('one', 'export const code = () => new Promise((d) => setTimeout(() => d(1), 1500))')
    const flowId = await client.publish(webhookFlow([wait]))
    await client.trigger(flowId)
    const running = await client.waitForNewest(flowId, 'RUNNING')
    await client.trigger(flowId)
    const queued = await client.waitForNewest(flowId, 'QUEUED')
    const cancelled = await client.call('POST', '/flow-runs/cancel', {
      projectId: client.projectId,
      flowRunIds: [running.id, queued.id],
    })
    expect([cancelled.status, cancelled.body]).toEqual([200, null])
    expect(await client.run(queued.id)).toMatchObject({
      status: 'CANCELED',
      finishTime: null,
      startTime: null,
      steps: {},
    })
    expect((await client.waitForRun(running.id, 'SUCCEEDED')).status).toBe('SUCCEEDED')
  })
})

describe('a retry', () => {
  test('from the failed step keeps the run and what it had done', async () => {
    const { client } = await sharedEngine()
    const flowId = await client.publish(
      webhookFlow([code('one', 'export const code = () => Math.random()'), failing('no')]),
    )
    const failed = await client.runToEnd(flowId)
    const body = { strategy: 'FROM_FAILED_STEP', projectId: client.projectId }
    const again = await client.call('POST', `/flow-runs/${failed.id}/retry`, body)
    expect(again).toMatchObject({ status: 200, body: { id: failed.id, status: 'QUEUED', finishTime: null } })
    const ended = await eventually(async () => {
      const run = await client.run(failed.id)
      return run.status === 'FAILED' && run.finishTime !== failed.finishTime ? run : undefined
    })
    expect(ended.steps['one']?.output).toBe(failed.steps['one']?.output)
  })

  test('on the latest version is a new run of the same call', async () => {
    const { client } = await sharedEngine()
    const flowId = await client.publish(webhookFlow([failing('no')]))
    const failed = await client.runToEnd(flowId, { n: 3, pad: 'x'.repeat(40_000) })
    const fixed = webhookFlow([code('good', 'export const code = (i) => i.n', { n: '{{trigger.body.n}}' })])
    const request = { displayName: 'Fixed', schemaVersion: '20', notes: null, trigger: fixed }
    await client.call('POST', `/flows/${flowId}`, { type: 'IMPORT_FLOW', request })
    await client.call('POST', `/flows/${flowId}`, { type: 'LOCK_AND_PUBLISH', request: {} })
    const body = { strategy: 'ON_LATEST_VERSION', projectId: client.projectId, flowRunIds: [failed.id] }
    const made = z
      .array(z.looseObject({ id: z.string() }))
      .parse((await client.call('POST', '/flow-runs/retry', body)).body)
    expect(made[0]?.id).not.toBe(failed.id)
    expect((await client.waitForRun(made[0]?.id ?? '', 'SUCCEEDED')).steps['good']?.output).toBe(3)
  })

  test('of a run that answered does not run what comes after the answer', async () => {
    const { client } = await sharedEngine()
    const flowId = await client.publish(webhookFlow([respond('answer', {}), failing('never')]))
    const ended = await client.runToEnd(flowId)
    await client.call('POST', `/flow-runs/${ended.id}/retry`, {
      strategy: 'FROM_FAILED_STEP',
      projectId: client.projectId,
    })
    await eventually(async () => ((await client.run(ended.id)).finishTime !== ended.finishTime ? true : undefined))
    expect(await client.waitForRun(ended.id, 'SUCCEEDED')).toMatchObject({ steps: { answer: { status: 'SUCCEEDED' } } })
  })
})

test('an archived run is listed only on demand', async () => {
  const { client } = await startTestEngine()
  const run = await client.runToEnd(await client.publish(webhookFlow([code('one', 'export const code = () => 1')])))
  const body = { projectId: client.projectId, flowRunIds: [run.id] }
  expect((await client.call('POST', '/flow-runs/archive', body)).body).toBeNull()
  expect(await client.listRuns()).toEqual([])
  expect(await client.listRuns('&includeArchived=true')).toMatchObject([{ id: run.id }])
})
