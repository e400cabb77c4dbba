import { describe, expect, test } from 'vitest'
import { type code, piece, webhookFlow } from './flows.ts'
import { startSink } from './sink.ts'
import { sharedEngine } from './support.ts'

async function runSteps(steps: ReturnType<typeof code>[], body: unknown = {}) {
  const { client } = await sharedEngine({ limits: { retryBaseMs: 5 } })
  return client.runToEnd(await client.publish(webhookFlow(steps)), body)
}

describe('an HTTP step', () => {
  const base = { headers: {}, queryParams: {}, authType: 'NONE', authFields: {} }

  test('sends method, query, headers, authentication and JSON, and gives status, headers and body', async () => {
    const sink = await startSink()
    const input = {
      ...base,
      method: 'POST',
      url: `${sink.url}/path`,
      queryParams: { q: 'a b' },
      headers: { 'x-run': "{{trigger['body']['id']}}" },
      authType: 'BEARER_TOKEN',
      authFields: { token: 'secret' },
      body_type: 'json',
      body: { data: { id: "{{trigger['body']['id']}}", nested: { all: "{{trigger['body']}}" } } },
    }
    const run = await runSteps([piece('one', 'http send_request', input)], { id: 7 })
    expect(run.steps['one']?.output).toMatchObject({ status: 200, body: { ok: true } })
    expect(sink.seen[0]).toMatchObject({ method: 'POST', url: '/path?q=a+b' })
    expect(sink.seen[0]?.headers).toMatchObject({ 'x-run': '7', authorization: 'Bearer secret' })
    expect(JSON.parse(sink.seen[0]?.body ?? '')).toEqual({ id: 7, nested: { all: { id: 7 } } })
  })

  test('sends raw and form bodies, and basic authentication', async () => {
    const sink = await startSink()
    const common = { ...base, method: 'PUT', url: sink.url, authType: 'BASIC' }
    const authFields = { username: 'ana', password: 'pw' }
    await runSteps([
      piece('raw', 'http send_request', { ...common, authFields, body_type: 'raw', body: { data: 'plain' } }),
      piece('form', 'http send_request', { ...common, body_type: 'form_data', body: { data: { a: '1' } } }),
    ])
    expect(sink.seen[0]).toMatchObject({ method: 'PUT', body: 'plain' })
    expect(sink.seen[0]?.headers['authorization']).toBe(`Basic ${Buffer.from('ana:pw').toString('base64')}`)
    expect(sink.seen[1]?.headers['content-type']).toMatch(/^multipart\/form-data/)
    expect(sink.seen[1]?.body).toContain('name="a"')
  })

  test.for([
    ['continue_none', 404, 'FAILED', 1],
    ['continue_all', 500, 'SUCCEEDED', 1],
    ['continue_4xx', 404, 'SUCCEEDED', 1],
    ['continue_4xx', 500, 'FAILED', 1],
    ['retry_5xx', 500, 'SUCCEEDED', 2],
    ['retry_5xx', 404, 'SUCCEEDED', 1],
    ['retry_all', 404, 'SUCCEEDED', 2],
  ] as const)('with %s on %i ends as %s after %i requests', async ([failureMode, status, expected, requests]) => {
    const sink = await startSink(status)
    const run = await runSteps([
      piece('one', 'http send_request', { ...base, method: 'GET', url: sink.url, failureMode }),
    ])
    expect(run.status).toBe(expected)
    expect(sink.seen).toHaveLength(requests)
    if (requests === 1 && expected === 'SUCCEEDED') {
      const response = { status, body: { ok: true } }
      expect(run.steps['one']?.output).toEqual({ response, request: {} })
    }
  })

  test('gives a text without its byte order mark', async () => {
    const sink = await startSink()
    const input = { ...base, method: 'GET', url: `${sink.url}/marked` }
    const run = await runSteps([piece('one', 'http send_request', input)])
    expect(run.steps['one']?.output).toMatchObject({ body: 'name,city\nAda,Köln\n' })
  })

  test('gives up after its time, and when nobody listens', async () => {
    const sink = await startSink()
    const silent = { ...base, method: 'GET', url: `${sink.url}/silent`, timeout: 0.05 }
    expect((await runSteps([piece('one', 'http send_request', silent)])).failedStep?.message).toMatch(/timeout of 50ms/)
    const closed = { ...base, method: 'GET', url: 'http://127.0.0.1:9/' }
    expect((await runSteps([piece('one', 'http send_request', closed)])).status).toBe('FAILED')
  })

  test('follows redirects only when told to', async () => {
    const sink = await startSink()
    const input = { ...base, method: 'GET', url: `${sink.url}/moved` }
    expect((await runSteps([piece('one', 'http send_request', input)])).status).toBe('FAILED')
    const followed = await runSteps([piece('one', 'http send_request', { ...input, followRedirects: true })])
    expect(followed.steps['one']?.output).toMatchObject({ status: 200 })
  })

  test('gives a binary answer as base64', async () => {
    const sink = await startSink()
    const input = { ...base, method: 'GET', url: sink.url, response_is_binary: true }
    const run = await runSteps([piece('one', 'http send_request', input)])
    expect(run.steps['one']?.output).toMatchObject({ body: Buffer.from('{"ok":true}').toString('base64') })
  })
})
