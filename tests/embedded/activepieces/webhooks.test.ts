import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { code, respond, webhookFlow } from './flows.ts'
import { type Client, eventually, sharedEngine, startTestEngine } from './support.ts'

const echo = () => code('one', 'export const code = async (i) => i.body', { body: "{{trigger['body']}}" })
const answer = () => respond('answer', { result: "{{one['n']}}" }, 'stop', 201)

/** Gives the runs there are after what must not start one, judged by a later call that does. */
async function countAfterMarker(client: Client, flowId: string, headers: Record<string, string> = {}): Promise<number> {
  await client.trigger(flowId, { marker: true }, headers)
  return eventually(async () => {
    const runs = await client.listRuns(`&flowId=${flowId}`)
    const done = await Promise.all(runs.map((run) => client.run(run.id)))
    return done.some((run) => JSON.stringify(run.steps['one']?.output ?? '').includes('marker'))
      ? runs.length
      : undefined
  })
}

describe('a synchronous call', () => {
  test('gets what the response step says: status, headers and body', async () => {
    const { client } = await sharedEngine()
    const flowId = await client.publish(webhookFlow([echo(), answer()]))
    const answered = await client.triggerSync(flowId, { n: 5 })
    expect(answered).toMatchObject({ status: 201, body: { result: 5 } })
    expect(answered.headers.get('x-flow')).toBe('yes')
    expect(answered.headers.get('x-webhook-id')).toMatch(/^[0-9A-Za-z]{21}$/)
  })

  test('gets an empty 204 after its time when the flow fails, ends without an answer, or is slow', async () => {
    const { client } = await sharedEngine({ limits: { webhookTimeoutMs: 60 } })
    const flows = await Promise.all([
      client.publish(webhookFlow([code('one', 'export const code = () => { throw new Error("no") }'), answer()])),
      client.publish(webhookFlow([echo()])),
      client.publish(
        webhookFlow([code('one', 'export const code = () => new Promise((d) => setTimeout(d, 200))'), answer()]),
      ),
    ])
    const answers = await Promise.all(flows.map((flowId) => client.triggerSync(flowId)))
    expect(answers.map(({ status, body }) => ({ status, body }))).toEqual(Array(3).fill({ status: 204, body: null }))
    await client.waitForNewest(flows[2] ?? '', 'SUCCEEDED')
  })

  test('is answered while the run goes on, when the step says respond', async () => {
    const { client } = await sharedEngine()
    const slow = code('slow', 'export const code = () => new Promise((done) => setTimeout(() => done("late"), 100))')
    const flowId = await client.publish(webhookFlow([respond('answer', { accepted: true }, 'respond', 202), slow]))
    expect(await client.triggerSync(flowId)).toMatchObject({ status: 202, body: { accepted: true } })
    const run = await client.waitForNewest(flowId, 'SUCCEEDED')
    expect(run.steps['slow']?.output).toBe('late')
  })

  test('can be redirected, or get raw text', async () => {
    const { client } = await sharedEngine()
    const raw = (responseType: string, body: string) => {
      const step = respond('answer', body)
      return {
        ...step,
        settings: { ...Object(step['settings']), input: { responseType, respond: 'stop', fields: { body } } },
      }
    }
    const text = await client.publish(webhookFlow([raw('raw', 'plain words')]))
    expect((await client.triggerSync(text)).body).toBe('plain words')
    const moved = await client.publish(webhookFlow([raw('redirect', 'example.com/there')]))
    const response = await fetch(`${client.base}/webhooks/${moved}/sync`, { redirect: 'manual' })
    expect([response.status, response.headers.get('location')]).toEqual([301, 'https://example.com/there'])
  })
})

describe("the trigger's own authentication", () => {
  const basic = `Basic ${Buffer.from('ana:pw').toString('base64')}`
  const signature = createHmac('sha256', 'key').update('{"marker":true}').digest('hex')

  test.for<[string, object, Record<string, string>]>([
    ['header', { headerName: 'X-Secret', headerValue: 's3cret' }, { 'x-secret': 's3cret' }],
    ['basic', { username: 'ana', password: 'pw' }, { authorization: basic }],
    ['hmac', { hmacSecret: 'key', hmacHeaderName: 'x-signature' }, { 'x-signature': signature }],
  ])('by %s: a wrong one gets 200 and no run', async ([type, fields, right]) => {
    const { client } = await sharedEngine()
    const flowId = await client.publish(webhookFlow([echo()], type, fields))
    const wrong = Object.fromEntries(Object.keys(right).map((name) => [name, 'wrong']))
    expect((await client.trigger(flowId, { n: 1 }, wrong)).status).toBe(200)
    expect((await client.trigger(flowId, { n: 1 })).status).toBe(200)
    expect(await countAfterMarker(client, flowId, right)).toBe(1)
  })

  test('does not stop a synchronous call: the flow runs without a trigger output', async () => {
    const { client } = await sharedEngine({ limits: { webhookTimeoutMs: 60 } })
    const fields = { headerName: 'x-secret', headerValue: 's3cret' }
    const flowId = await client.publish(webhookFlow([echo()], 'header', fields))
    expect((await client.triggerSync(flowId, { n: 1 })).status).toBe(204)
    const run = await client.waitForNewest(flowId, 'SUCCEEDED')
    expect(run.steps['trigger']).toEqual({ type: 'PIECE_TRIGGER', status: 'SUCCEEDED', input: {} })
    expect(run.steps['one']).toMatchObject({ input: { body: '' } })
  })
})

describe('finding the run of a call', () => {
  test('by the parent id of the header; a longer one loses the row', async () => {
    const { client } = await sharedEngine()
    const flowId = await client.publish(webhookFlow([echo()]))
    const lost = await client.trigger(flowId, { n: 1 }, { 'ap-parent-run-id': 'x'.repeat(22) })
    expect(lost.status).toBe(200)
    await client.trigger(flowId, { n: 2 }, { 'ap-parent-run-id': 'Execution000000000001' })
    const run = await client.waitForNewest(flowId, 'SUCCEEDED')
    expect(run.parentRunId).toBe('Execution000000000001')
    expect(await countAfterMarker(client, flowId)).toBe(2)
  })

  test('a repeated _dedupe_key within its window starts one run', async () => {
    let now = Date.now()
    const { client } = await startTestEngine({ now: () => now })
    const flowId = await client.publish(webhookFlow([echo()]))
    const headers = { 'ap-raw-payload': 'true', authorization: 'Bearer anything' }
    const payload = { method: 'POST', headers: {}, queryParams: {}, body: { n: 7 }, _dedupe_key: 'abc' }
    await Promise.all([1, 2, 3].map(() => client.trigger(flowId, payload, headers)))
    const run = await client.waitForNewest(flowId, 'SUCCEEDED')
    expect(run.steps['trigger']?.output).toEqual({ method: 'POST', headers: {}, queryParams: {}, body: { n: 7 } })
    now += 31_000
    await client.trigger(flowId, payload, headers)
    expect(await countAfterMarker(client, flowId)).toBe(3)
  })

  test('there is no row before a worker took the call', async () => {
    const { client } = await startTestEngine({ workers: 0, limits: { webhookTimeoutMs: 50 } })
    const flowId = await client.publish(webhookFlow([echo(), answer()]))
    expect((await client.trigger(flowId)).status).toBe(200)
    expect(await client.listRuns()).toEqual([])
    expect((await client.triggerSync(flowId)).status).toBe(204)
    const runs = await client.listRuns()
    expect(runs).toMatchObject([{ status: 'QUEUED', logsFileId: null, startTime: null }])
    expect((await client.run(runs[0]?.id ?? '')).steps).toEqual({})
    expect((await client.call('GET', '/health')).body).toEqual({ status: 'Healthy' })
    expect((await client.call('GET', '/worker-machines')).body).toEqual([])
  })
})

describe('the draft', () => {
  test('runs as a test on its own address, which no list shows', async () => {
    const { client } = await sharedEngine()
    const flowId = await client.publish(webhookFlow([echo(), respond('answer', { version: 1 })]))
    const trigger = webhookFlow([echo(), respond('answer', { version: 2 })])
    const request = { displayName: 'Second', schemaVersion: '20', notes: null, trigger }
    await client.call('POST', `/flows/${flowId}`, { type: 'IMPORT_FLOW', request })
    expect((await client.triggerSync(flowId)).body).toEqual({ version: 1 })
    expect((await client.call('POST', `/webhooks/${flowId}/draft/sync`, {})).body).toEqual({ version: 2 })
    await client.call('POST', `/flows/${flowId}`, { type: 'CHANGE_STATUS', request: { status: 'DISABLED' } })
    expect((await client.triggerSync(flowId)).status).toBe(404)
    expect((await client.call('POST', `/webhooks/${flowId}/draft`, {})).status).toBe(200)
    expect((await client.call('POST', `/webhooks/${flowId}/draft/sync`, {})).body).toEqual({ version: 2 })
    expect((await client.call('POST', `/webhooks/${flowId}/test`, {})).status).toBe(200)
    expect(await client.listRuns(`&flowId=${flowId}`)).toHaveLength(1)
  })
})

describe('a body', () => {
  async function bodyOf(init: RequestInit, query = '') {
    const { client } = await sharedEngine()
    const flowId = await client.publish(webhookFlow([echo()]))
    await fetch(`${client.base}/webhooks/${flowId}${query}`, init)
    const run = await client.waitForNewest(flowId, 'SUCCEEDED')
    return run.steps['trigger']?.output as Record<string, unknown>
  }
  const typed = (type: string, body: string): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': type },
    body,
  })

  test('may be JSON, a form, text, or nothing', async () => {
    expect(await bodyOf(typed('application/json', '{"n":1}'))).toMatchObject({ body: { n: 1 }, rawBody: '{"n":1}' })
    expect(await bodyOf(typed('application/x-www-form-urlencoded', 'a=1&b=x+y&b=z'))).toMatchObject({
      body: { a: '1', b: ['x y', 'z'] },
    })
    expect(await bodyOf(typed('text/plain', 'hello'))).toMatchObject({ body: 'hello' })
    expect(await bodyOf({ method: 'GET' }, '?a=1')).toMatchObject({ method: 'GET', body: {}, queryParams: { a: '1' } })
  })

  test('that is a file is kept, and the flow gets a link to it', async () => {
    const form = new FormData()
    form.set('name', 'report')
    form.set('file', new File(['a,b\n1,2\n'], 'a.csv', { type: 'text/csv' }))
    const output = await bodyOf({ method: 'POST', body: form })
    const { name, file } = output['body'] as { name: string; file: string }
    expect(name).toBe('report')
    expect(await (await fetch(file)).text()).toBe('a,b\n1,2\n')
    expect((await fetch(file.replace(/token=.*/, 'token=none'))).status).toBe(401)
    const pdf = await bodyOf(typed('application/pdf', 'pdf'))
    expect(pdf['body']).toEqual({ fileUrl: expect.stringContaining('/files/') })
  })

  test('too large gets 413, in the shape of who refuses it', async () => {
    const { client } = await startTestEngine({ limits: { webhookPayloadBytes: 1000, bodyBytes: 5000 } })
    const flowId = await client.publish(webhookFlow([echo()]))
    expect(await client.trigger(flowId, { pad: 'x'.repeat(2000) })).toMatchObject({
      status: 413,
      body: { message: 'Payload too large' },
    })
    expect(await client.trigger(flowId, { pad: 'x'.repeat(6000) })).toMatchObject({
      status: 413,
      body: { statusCode: 413, code: 'FST_ERR_CTP_BODY_TOO_LARGE' },
    })
  })
})
