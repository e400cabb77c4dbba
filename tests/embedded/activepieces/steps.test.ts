import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { code, loop, piece, respond, router, type StepOptions, webhookFlow } from './flows.ts'
import { startTestEngine, urlOf } from './support.ts'

async function runSteps(steps: ReturnType<typeof code>[], body: unknown = {}, limits = {}) {
  const { client } = await startTestEngine({ limits: { retryBaseMs: 5, ...limits } })
  return client.runToEnd(await client.publish(webhookFlow(steps)), body)
}

/** A web server that answers with the queued statuses, then 200, and shows what it was sent. */
async function startSink(...statuses: number[]) {
  const seen: { method: string; url: string; headers: Record<string, unknown>; body: string }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const { method = '', url = '', headers } = request
    seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
    if (url.startsWith('/silent')) return
    if (url.startsWith('/moved')) response.setHeader('location', '/elsewhere')
    response.writeHead(url.startsWith('/moved') ? 302 : (statuses.shift() ?? 200), {
      'content-type': 'application/json',
    })
    response.end('{"ok":true}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: urlOf(server), seen }
}

describe('a code step', () => {
  test('takes TypeScript, and inputs with the types of what they refer to', async () => {
    const source = `interface Input { n: number; list: string[]; text: string }
      export const code = async (input: Input): Promise<object> => ({ ...input, doubled: input.n * 2 })`
    const input = {
      n: "{{trigger['body']['n']}}",
      list: '{{trigger.body.list}}',
      text: "n={{trigger['body']['n']}}, first {{trigger['body']['list'][0]}}",
      missing: '{{trigger.body.nothing.at.all}}',
      computed: "{{trigger['body']['n'] + 1}}",
    }
    const run = await runSteps([code('one', source, input)], { n: 21, list: ['a', 'b'] })
    const resolved = { n: 21, list: ['a', 'b'], text: 'n=21, first a', missing: '', computed: 22 }
    expect(run.steps['one']).toMatchObject({
      status: 'SUCCEEDED',
      input: resolved,
      output: { ...resolved, doubled: 42 },
    })
  })

  test('that throws fails the run, and says what was thrown', async () => {
    const run = await runSteps([code('one', 'export const code = () => { throw new Error("asked to fail") }')])
    expect(run).toMatchObject({ status: 'FAILED', failedStep: { name: 'one', displayName: 'Step one' } })
    expect(JSON.parse(run.steps['one']?.errorMessage ?? '')).toMatchObject({
      __apErrorVersion: 1,
      message: 'Error: asked to fail',
    })
  })

  test('that does not compile fails with the place', async () => {
    const run = await runSteps([code('one', 'export const code = async ( => {')])
    expect(run.status).toBe('FAILED')
    expect(run.failedStep?.message).toMatch(/Compilation Error.*index\.ts:1:28/s)
  })

  test('without an exported function fails', async () => {
    expect((await runSteps([code('one', 'const x = 1')])).failedStep?.message).toMatch(/export a function named code/)
  })
})

describe('failure options', () => {
  const failing = (options: StepOptions) =>
    code('one', 'export const code = () => { throw new Error("no") }', {}, options)

  test('continue: the step fails, the run does not', async () => {
    const run = await runSteps([failing({ continueOnFailure: true }), code('two', 'export const code = () => 2')])
    expect(run).toMatchObject({ status: 'SUCCEEDED', failedStep: null, steps: { one: { status: 'FAILED' } } })
    expect(run.steps['two']?.output).toBe(2)
  })

  test('retry: the step is tried four times, then fails', async () => {
    const sink = await startSink(500, 500, 500, 500, 500)
    const request = piece('one', 'http send_request', { method: 'GET', url: sink.url }, { retryOnFailure: true })
    expect((await runSteps([request])).status).toBe('FAILED')
    expect(sink.seen).toHaveLength(4)
  })

  test('a skipped step is not there', async () => {
    const run = await runSteps([code('one', 'x', {}, { skip: true }), code('two', 'export const code = () => 2')])
    expect(run.status).toBe('SUCCEEDED')
    expect(run.steps).not.toHaveProperty('one')
  })

  test('a piece the engine does not have fails with its name', async () => {
    const run = await runSteps([piece('one', 'slack send_message', {})])
    expect(run.status).toBe('FAILED')
    expect(run.failedStep?.message).toContain('@activepieces/piece-slack@1.0.0')
  })
})

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
    ['retry_5xx', 404, 'FAILED', 1],
    ['retry_all', 404, 'SUCCEEDED', 2],
  ] as const)('with %s on %i ends as %s after %i requests', async ([failureMode, status, expected, requests]) => {
    const sink = await startSink(status)
    const run = await runSteps([
      piece('one', 'http send_request', { ...base, method: 'GET', url: sink.url, failureMode }),
    ])
    expect(run.status).toBe(expected)
    expect(sink.seen).toHaveLength(requests)
    if (failureMode.startsWith('continue') && expected === 'SUCCEEDED') {
      expect(run.steps['one']?.output).toMatchObject({ status, body: { ok: true } })
    }
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

describe('a loop', () => {
  const ten = code('ten', 'export const code = async (i) => i.v * 10', { v: '{{each.item}}' })

  test('runs its steps for every item and keeps each iteration', async () => {
    const after = code('after', 'export const code = async (i) => i', {
      last: '{{each.index}}',
      all: '{{each.iterations}}',
    })
    const run = await runSteps([loop('each', "{{trigger['body']['items']}}", [ten]), after], { items: [1, 2, 3] })
    expect(run.steps['each']?.output).toMatchObject({
      item: 3,
      index: 3,
      iterations: [{ ten: { output: 10 } }, { ten: { output: 20 } }, { ten: { output: 30 } }],
    })
    expect(run.steps['after']?.output).toMatchObject({ last: 3, all: [{ ten: { output: 10 } }, {}, {}] })
    expect(run.steps).not.toHaveProperty('ten')
  })

  test('nests', async () => {
    const inner = code('pair', 'export const code = async (i) => [i.a, i.b]', {
      a: '{{outer.item}}',
      b: '{{inner.item}}',
    })
    const run = await runSteps([loop('outer', [1, 2], [loop('inner', ['x', 'y'], [inner])])])
    expect(run.steps['outer']?.output).toMatchObject({
      iterations: [
        { inner: { output: { iterations: [{ pair: { output: [1, 'x'] } }, { pair: { output: [1, 'y'] } }] } } },
        { inner: { output: { iterations: [{ pair: { output: [2, 'x'] } }, { pair: { output: [2, 'y'] } }] } } },
      ],
    })
  })

  test('over nothing does nothing, and over no list fails', async () => {
    const empty = await runSteps([loop('each', '{{trigger.body.items}}', [ten])], { items: [] })
    expect(empty).toMatchObject({ status: 'SUCCEEDED', steps: { each: { output: { index: 0, iterations: [] } } } })
    expect((await runSteps([loop('each', '{{trigger.body.items}}', [ten])], { items: 5 })).status).toBe('FAILED')
  })

  test('fails with the step that fails in it, or stops with an answer in it', async () => {
    const failing = code('bad', 'export const code = (i) => { if (i.v === 2) throw new Error("two"); return i.v }', {
      v: '{{each.item}}',
    })
    const failed = await runSteps([loop('each', [1, 2, 3], [failing])])
    expect(failed).toMatchObject({
      status: 'FAILED',
      failedStep: { name: 'bad' },
      steps: { each: { status: 'FAILED' } },
    })
    const stopped = await runSteps([
      loop('each', [1, 2], [respond('answer', { done: true })]),
      code('after', 'export const code = () => 1'),
    ])
    expect(stopped.status).toBe('SUCCEEDED')
    expect(stopped.steps).not.toHaveProperty('after')
  })
})

describe('a router', () => {
  const number = (operator: string, secondValue: string) => [
    [{ operator, firstValue: '{{trigger.body.n}}', secondValue }],
  ]
  const mark = (name: string) => code(name, `export const code = () => '${name}'`)
  const branches = () => [
    { conditions: number('NUMBER_IS_GREATER_THAN', '10'), steps: [mark('big')] },
    { conditions: number('NUMBER_IS_GREATER_THAN', '5'), steps: [mark('middle')] },
    { steps: [mark('other')] },
  ]

  test('takes the first branch that holds', async () => {
    const run = await runSteps([router('pick', branches()), mark('after')], { n: 11 })
    expect(Object.keys(run.steps)).toEqual(['trigger', 'pick', 'big', 'after'])
    expect(run.steps['pick']?.output).toEqual({
      branches: [
        { branchName: 'Branch 1', branchIndex: 1, evaluation: true },
        { branchName: 'Branch 2', branchIndex: 2, evaluation: true },
        { branchName: 'Otherwise', branchIndex: 3, evaluation: false },
      ],
    })
  })

  test('takes every branch that holds when told to', async () => {
    const run = await runSteps([router('pick', branches(), 'EXECUTE_ALL_MATCH')], { n: 11 })
    expect(Object.keys(run.steps)).toEqual(['trigger', 'pick', 'big', 'middle'])
  })

  test('falls back when none holds, and without a fallback goes on', async () => {
    expect(Object.keys((await runSteps([router('pick', branches())], { n: 1 })).steps)).toContain('other')
    const run = await runSteps([router('pick', branches().slice(0, 2)), mark('after')], { n: 1 })
    expect(Object.keys(run.steps)).toEqual(['trigger', 'pick', 'after'])
  })

  test('with an unknown operator fails', async () => {
    const run = await runSteps([router('pick', [{ conditions: number('NO_SUCH', '1'), steps: [] }])], { n: 1 })
    expect(run).toMatchObject({ status: 'FAILED', failedStep: { name: 'pick' } })
  })
})
