import { describe, expect, test } from 'vitest'
import { code, webhookFlow } from './flows.ts'
import { sharedEngine, startTestEngine } from './support.ts'

const megabyte = 1024 * 1024
const small = { codeTimeoutMs: 300, codeMemoryBytes: 32 * megabyte, runLogBytes: 2 * megabyte }

async function runCode(source: string, limits = {}, body: unknown = {}) {
  const { client } = await sharedEngine({ limits: { ...small, ...limits } })
  const flowId = await client.publish(webhookFlow([code('one', source, { body: "{{trigger['body']}}" })]))
  const run = await client.runToEnd(flowId, body)
  return { client, flowId, run, step: run.steps['one'] }
}

describe('the sandbox has no', () => {
  test('host: no process, modules, network or files', async () => {
    const names = [
      'process',
      'require',
      'fetch',
      'module2',
      'Buffer',
      'XMLHttpRequest',
      'WebAssembly',
      'Deno',
      'Bun',
      'std',
      'os',
    ]
    const { step } = await runCode(`export const code = () => [${names.map((name) => `typeof ${name}`)}]`)
    expect(new Set(step?.output as string[])).toEqual(new Set(['undefined']))
  })

  test.for([
    'import fs from "node:fs"; export const code = () => fs.readdirSync("/")',
    'export const code = async () => (await import("node:fs")).readdirSync("/")',
    'export const code = () => (0, eval)("require")("node:fs")',
    'export const code = () => new Function("return process")().exit(1)',
    'export const code = () => setTimeout.constructor("return process")().env',
    'export const code = () => console.log.constructor.constructor("return globalThis.process")().mainModule',
  ])('way out: %s', async (source) => {
    const { run } = await runCode(source)
    expect(run.status).toBe('FAILED')
  })

  test('way to change the engine through a prototype, an output or a name', async () => {
    const source = `export const code = () => {
      Object.prototype.polluted = true
      Array.prototype.map = () => { throw new Error('no') }
      JSON.stringify = () => '{"forged":true}'
      return JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}')
    }`
    const { run, client, flowId } = await runCode(source)
    expect(run.status).toBe('SUCCEEDED')
    expect(({} as { polluted?: boolean; admin?: boolean }).polluted).toBeUndefined()
    expect(({} as { polluted?: boolean; admin?: boolean }).admin).toBeUndefined()
    expect((await client.runToEnd(flowId)).status).toBe('SUCCEEDED')
  })

  test('memory of the step before', async () => {
    const source = `export const code = () => { const before = globalThis.seen ?? null; globalThis.seen = 1; return before }`
    const { client } = await startTestEngine({ limits: { codeThreads: 1 } })
    const flowId = await client.publish(webhookFlow([code('one', source), code('two', source)]))
    const run = await client.runToEnd(flowId)
    expect([run.steps['one']?.output, run.steps['two']?.output]).toEqual([null, null])
  })
})

describe('the sandbox stops', () => {
  test.for<[string, string]>([
    ['an endless loop', 'export const code = () => { for (;;) {} }'],
    ['an endless chain of promises', 'export const code = async () => { for (;;) await null }'],
    ['a wait that is too long', 'export const code = () => new Promise((done) => setTimeout(done, 60_000))'],
    ['a loop that catches its own end', 'export const code = () => { for (;;) { try { for (;;) {} } catch {} } }'],
    ['a slow regular expression', 'export const code = () => /^(a+)+$/.test("a".repeat(40) + "b")'],
  ])('%s', async ([, source]) => {
    const { run, step } = await runCode(source)
    expect(run.status).toBe('FAILED')
    expect(step?.errorMessage).toMatch(/longer than 300 ms/)
  })

  test.for<[string, string]>([
    [
      'a list that grows',
      'export const code = () => { const all = []; for (;;) all.push("x".repeat(1000) + all.length) }',
    ],
    ['one huge buffer', 'export const code = () => new Uint8Array(1024 * 1024 * 1024).length'],
    ['a chain of closures', 'export const code = () => { let f = null; for (;;) { const g = f; f = () => g } }'],
  ])('%s at its memory limit', async ([, source]) => {
    const { run, client, flowId } = await runCode(source, { codeTimeoutMs: 20_000 })
    expect(run.status).toBe('MEMORY_LIMIT_EXCEEDED')
    expect((await client.runToEnd(flowId)).status).toBe('MEMORY_LIMIT_EXCEEDED')
  })

  test('an output larger than the log of a run', async () => {
    const { run } = await runCode('export const code = () => "x".repeat(3 * 1024 * 1024)')
    expect(run.status).toBe('LOG_SIZE_EXCEEDED')
  })

  test('a recursion without end, and a promise that never settles', async () => {
    const deep = await runCode('export const code = () => { const f = () => f() + 1; return f() }', {
      codeTimeoutMs: 5000,
    })
    expect(deep.step?.errorMessage).toMatch(/stack/)
    const stuck = await runCode('export const code = () => new Promise(() => {})')
    expect(stuck.step?.errorMessage).toMatch(/never happens/)
  })
})

test('a busy step does not hold up the API', async () => {
  const { client } = await startTestEngine({ limits: { codeTimeoutMs: 1000 } })
  const flowId = await client.publish(webhookFlow([code('one', 'export const code = () => { for (;;) {} }')]))
  await client.trigger(flowId)
  await client.waitForNewest(flowId, 'RUNNING')
  const slowest = { ms: 0 }
  for (let n = 0; n < 20; n += 1) {
    const started = performance.now()
    await client.call('GET', '/health')
    slowest.ms = Math.max(slowest.ms, performance.now() - started)
  }
  expect(slowest.ms).toBeLessThan(300)
})

test('a megabyte of CSV is parsed within seconds, on a busy machine too', async () => {
  const lines = Array.from(
    { length: 8800 },
    (_, n) => `${n},"Customer ""${n}"", the ${'long '.repeat(15)}",${n * 1.5},2026-01-01`,
  )
  const source = `export const code = ({ body }: { body: { csv: string } }) => {
    const rows: string[][] = []
    let row: string[] = []
    let cell = ''
    let quoted = false
    for (let at = 0; at < body.csv.length; at += 1) {
      const char = body.csv[at]
      if (quoted) {
        if (char === '"' && body.csv[at + 1] === '"') { cell += '"'; at += 1 }
        else if (char === '"') quoted = false
        else cell += char
      } else if (char === '"') quoted = true
      else if (char === ',') { row.push(cell); cell = '' }
      else if (char === '\\n') { rows.push([...row, cell]); row = []; cell = '' }
      else cell += char
    }
    return { rows: rows.length, total: rows.reduce((sum, fields) => sum + Number(fields[2]), 0) }
  }`
  const limits = { codeTimeoutMs: 20_000, codeMemoryBytes: 256 * megabyte, runLogBytes: 50 * megabyte }
  const csv = `${lines.join('\n')}\n`
  expect(csv.length).toBeGreaterThan(900_000)
  const { step } = await runCode(source, limits, { csv })
  expect(step?.output).toEqual({ rows: 8800, total: (8800 * 8799 * 1.5) / 2 })
  expect((step as { duration?: number }).duration).toBeLessThan(5000)
})
