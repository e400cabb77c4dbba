import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { activePieces } from '../../src/engine/activepieces.ts'
import { EngineUnavailable } from '../../src/services/workflows/engine.ts'
import { eventually, urlOf } from '../embedded/activepieces/support.ts'
import { payload } from './support/engine.ts'
import { account, answers, faultyEngine, hangsUp, staysSilent } from './support/faulty-server.ts'

const flowId = 'F'.repeat(21)
const runId = 'R'.repeat(21)
const aFlow = { id: flowId, status: 'ENABLED', version: { valid: true } }

async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = urlOf(server)
  server.close()
  await once(server, 'close')
  return url
}

describe('a look at the engine', () => {
  test('is taken again when it failed on its way, twice at most', async () => {
    const { engine, calls } = await faultyEngine([answers(503), hangsUp, answers(200, aFlow)])
    expect(await engine.isEnabled(flowId)).toBe(true)
    expect(calls).toHaveLength(3)
  })

  test('is given up after that', async () => {
    const { engine, calls } = await faultyEngine([answers(502)])
    await expect(engine.isEnabled(flowId)).rejects.toThrow('status 502')
    expect(calls).toHaveLength(3)
  })

  test('is not repeated where the engine answered, if only with an error', async () => {
    const { engine, calls } = await faultyEngine([answers(500)])
    await expect(engine.isEnabled(flowId)).rejects.toThrow(EngineUnavailable)
    expect(calls).toHaveLength(1)
  })

  test('ends in time when no answer comes, and is not repeated', async () => {
    const { engine, calls } = await faultyEngine([staysSilent], { timeoutMs: 400 })
    await expect(engine.isEnabled(flowId)).rejects.toThrow(EngineUnavailable)
    expect(calls).toHaveLength(1)
  })

  test('follows no redirect', async () => {
    const { engine, calls } = await faultyEngine([answers(302, {}, { location: '/api/v1/elsewhere' })])
    await expect(engine.isEnabled(flowId)).rejects.toThrow('redirects elsewhere')
    expect(calls).toEqual([`GET /api/v1/flows/${flowId}`])
  })

  test('takes no answer of another form', async () => {
    const { engine } = await faultyEngine([answers(200, { id: 7, status: ['x'] })])
    await expect(engine.isEnabled(flowId)).rejects.toThrow('not of the expected form')
    await expect(engine.getRun(runId, 'work')).rejects.toThrow('not of the expected form')
  })

  test('is read without what no database can store', async () => {
    const output = { 'a\0b': 'zero \0', half: 'half \ud83d', whole: 'whole \ud83d\ude00', more: ['\udc00', 1, null] }
    const run = { id: runId, status: 'SUCCEEDED', steps: { work: { status: 'SUCCEEDED', output } } }
    const { engine } = await faultyEngine([answers(200, run)])
    expect((await engine.getRun(runId, 'work'))?.steps[0]?.output).toEqual({
      'a\uFFFDb': 'zero \uFFFD',
      half: 'half \uFFFD',
      whole: 'whole \ud83d\ude00',
      more: ['\uFFFD', 1, null],
    })
  })

  test('shows of the engine’s own words but words', async () => {
    const told = { CURRENT_VERSION: 'line one\nline two', EDITION: 7, status: 'x'.repeat(1000) }
    const { engine } = await faultyEngine([answers(200, told)])
    expect(await engine.status()).toMatchObject({
      version: undefined,
      edition: undefined,
      problem: 'The engine says that it is not well.',
    })
  })

  test('reads no more than 64 MiB', async () => {
    const megabyte = 'x'.repeat(1024 * 1024)
    const endless = (_: unknown, response: ServerResponse) => {
      const more = () => {
        while (response.write(megabyte));
        response.once('drain', more)
      }
      more()
    }
    const { engine, calls } = await faultyEngine([endless])
    await expect(engine.isEnabled(flowId)).rejects.toThrow(EngineUnavailable)
    expect(calls).toHaveLength(1)
  })
})

describe('a start', () => {
  test.each([
    [200, 'accepted'],
    [404, 'refused'],
    [410, 'refused'],
    [413, 'refused'],
    [429, 'unreachable'],
    [302, 'unreachable'],
    [408, 'unclear'],
    [503, 'unclear'],
  ])('that is answered with %i is %s, and is sent once', async (status, kind) => {
    const { engine, calls } = await faultyEngine([answers(status)])
    expect(await engine.start(flowId, payload())).toMatchObject({ kind })
    expect(calls).toEqual([`POST /api/v1/webhooks/${flowId}`])
  })

  test('that breaks off, or gets no answer, may have happened: it is unclear, and not repeated', async () => {
    const broken = await faultyEngine([hangsUp])
    expect(await broken.engine.start(flowId, payload())).toMatchObject({ kind: 'unclear' })
    const silent = await faultyEngine([staysSilent], { timeoutMs: 400 })
    expect(await silent.engine.start(flowId, payload())).toMatchObject({ kind: 'unclear' })
    expect([broken.calls.length, silent.calls.length]).toEqual([1, 1])
  })

  test('that finds nobody there certainly did not happen', async () => {
    const engine = activePieces({ url: await closedPort(), account, webhookSecret: 's' })
    expect(await engine.start(flowId, payload())).toEqual({
      kind: 'unreachable',
      reason: 'the engine cannot be reached',
    })
  })
})

describe('a retry and an answer to a pause', () => {
  test.each([
    [404, 'gone'],
    [410, 'gone'],
    [500, 'unclear'],
    [403, 'unreachable'],
  ])('a retry that is answered with %i is %s', async (status, kind) => {
    const { engine, calls } = await faultyEngine([answers(status, { code: 'FLOW_RUN_RETRY_OUTSIDE_RETENTION' })])
    expect(await engine.retry(runId)).toMatchObject({ kind })
    expect(calls).toEqual([`POST /api/v1/flow-runs/${runId}/retry`])
  })

  test('neither is repeated when it breaks off', async () => {
    const { engine, calls } = await faultyEngine([hangsUp])
    expect(await engine.retry(runId)).toMatchObject({ kind: 'unclear' })
    expect(await engine.resume(runId, runId, { action: 'approve', body: {} })).toMatchObject({ kind: 'unclear' })
    expect(calls).toHaveLength(2)
  })

  test('an answer about which the engine says nothing is unclear', async () => {
    const { engine } = await faultyEngine([answers(200, { message: 'Hello.' })])
    expect(await engine.resume(runId, runId, { action: undefined, body: {} })).toMatchObject({ kind: 'unclear' })
  })
})

describe('an engine that fails again and again', () => {
  const failFiveTimes = async (engine: ReturnType<typeof activePieces>) => {
    for (let n = 0; n < 5; n += 1) await engine.start(flowId, payload())
  }

  test('is left in peace after five failures in a row: calls fail at once and certainly did not happen', async () => {
    const { engine, calls } = await faultyEngine([answers(500)], { openForMs: 60_000 })
    await failFiveTimes(engine)
    expect(await engine.start(flowId, payload())).toMatchObject({ kind: 'unreachable' })
    await expect(engine.getRun(runId, 'work')).rejects.toThrow('failed several times in a row')
    expect(await engine.status()).toMatchObject({ breaker: 'open', isHealthy: false, isAccountAccepted: false })
    expect(calls).toHaveLength(5)
  })

  test('is asked with one call after a while, and used again once that succeeds', async () => {
    const failures = Array.from({ length: 6 }, () => answers(500))
    const { engine, calls } = await faultyEngine([...failures, answers(200)], { openForMs: 5 })
    await failFiveTimes(engine)
    await eventually(async () => ((await engine.start(flowId, payload())).kind === 'accepted' ? true : undefined))
    expect(calls).toHaveLength(7)
    expect((await engine.status()).breaker).toBe('closed')
  })

  test('is not given up for refusals, which are answers', async () => {
    const { engine, calls } = await faultyEngine([answers(404)])
    await failFiveTimes(engine)
    await failFiveTimes(engine)
    expect(calls).toHaveLength(10)
  })
})

describe('many calls at once', () => {
  test('reach the engine twenty at a time, and too many that wait are turned away unsent', async () => {
    const held: ServerResponse[] = []
    const { engine, calls } = await faultyEngine([(_, response) => void held.push(response)])
    const outcomes = Promise.all(Array.from({ length: 230 }, () => engine.start(flowId, payload())))
    await eventually(async () => (held.length === 20 ? true : undefined))
    let answered = 0
    while (answered < 220) {
      await eventually(async () => (held.length > 0 ? true : undefined))
      expect(calls.length - answered).toBeLessThanOrEqual(20)
      held.shift()?.end('{}')
      answered += 1
    }
    const kinds = Object.groupBy(await outcomes, ({ kind }) => kind)
    expect([kinds.accepted?.length, kinds.unreachable?.length]).toEqual([220, 10])
  })
})
