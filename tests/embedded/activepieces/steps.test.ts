import { describe, expect, test } from 'vitest'
import { code, loop, piece, respond, router, type StepOptions, webhookFlow } from './flows.ts'
import { startSink } from './sink.ts'
import { sharedEngine } from './support.ts'

async function runSteps(steps: ReturnType<typeof code>[], body: unknown = {}) {
  const { client } = await sharedEngine({ limits: { retryBaseMs: 5 } })
  return client.runToEnd(await client.publish(webhookFlow(steps)), body)
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

test('a flow with a step of no known type is an internal error of its run, and of nothing else', async () => {
  const unknown = { ...code('one', 'x'), type: 'NO_SUCH_TYPE' }
  expect((await runSteps([unknown])).status).toBe('INTERNAL_ERROR')
  expect((await runSteps([code('one', 'export const code = () => 1')])).status).toBe('SUCCEEDED')
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

  test('leaves what its branch gave to the steps after it, and nothing of a branch not taken', async () => {
    const read = code('after', 'export const code = (input) => input', { big: '{{big}}', other: '{{other.deep}}' })
    const run = await runSteps([router('pick', branches()), read], { n: 11 })
    expect(run.steps['after']?.output).toEqual({ big: 'big', other: '' })
  })

  test('with an unknown operator fails', async () => {
    const run = await runSteps([router('pick', [{ conditions: number('NO_SUCH', '1'), steps: [] }])], { n: 1 })
    expect(run).toMatchObject({ status: 'FAILED', failedStep: { name: 'pick' } })
  })
})
