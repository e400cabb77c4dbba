import { describe, expect } from 'vitest'
import { type EngineFront, engineFront } from '../support/engine-front.ts'
import { plainEnvelope } from '../support/flows.ts'
import { readyToRun, runToEnd, watchToEnd } from '../support/runs.ts'
import { testWith, type World } from '../support/world.ts'

const quick = { code: `export const code = async () => ${plainEnvelope()}` }

/** A stack whose worker reaches its engine through a front, whose flows cannot call back, and that does not wait long. */
const test = testWith({
  CALLBACK_URL: 'http://127.0.0.1:9',
  ENGINE_SECOND_LOOK_SECONDS: '1',
  ENGINE_ROW_WINDOW_SECONDS: '1',
  RUN_RETRY_SECONDS: '0',
  RUN_DEADLINE_FACTOR: '0',
  RUN_DEADLINE_MINIMUM_SECONDS: '6',
}).extend('front', { scope: 'file' }, async ({ stack }, { onCleanup }) => {
  const front = await engineFront(stack.connections.engine.url)
  Object.assign(stack.connections.engine, { url: front.url })
  await stack.restart()
  onCleanup(() => front.close())
  return front
})

const isLook = (path: string) => /\/flow-runs\/[0-9A-Za-z]{21}$/.test(path)
const isStart = (path: string) => path.includes('/webhooks/')

/** The engine shows another state than the run is in, for as long as `isMeant` says. */
function showState(front: EngineFront, state: string, isMeant: (look: number, runId: string) => boolean): void {
  let looks = 0
  front.answer(async ({ path }, own) => {
    if (!isLook(path)) return undefined
    looks += 1
    if (!isMeant(looks, path.slice(-21))) return undefined
    return { status: 200, body: { ...Object(await (await own()).json()), status: state, finishTime: null } }
  })
}

async function start(world: World, front: EngineFront) {
  front.answer(() => undefined)
  const ready = await readyToRun(world, quick)
  front.calls.length = 0
  const end = async () => {
    const executionId = await ready.start()
    const events = await watchToEnd(ready.person, executionId)
    return { run: await runToEnd(ready.person, executionId), events }
  }
  return { ...ready, end, starts: () => front.calls.filter(({ path }) => isStart(path)).length }
}

describe('a run whose engine', () => {
  test('reports an error of its own and goes on by itself is not failed at the first look', async ({
    world,
    front,
  }) => {
    const { end, starts } = await start(world, front)
    showState(front, 'INTERNAL_ERROR', (look) => look === 1)
    expect((await end()).run).toMatchObject({ status: 'succeeded', retryCount: 0 })
    expect(starts()).toBe(1)
  })

  test('fails by an error of its own is tried again by itself, and says so', async ({ world, front }) => {
    const { end, starts } = await start(world, front)
    let first = ''
    showState(front, 'INTERNAL_ERROR', (_, runId) => {
      first ||= runId
      return runId === first
    })
    const { run, events } = await end()
    expect(run).toMatchObject({ status: 'succeeded', retryCount: 1 })
    expect(starts()).toBe(2)
    expect(events.filter(({ message }) => message.startsWith('Try 1 of 4 ended'))).toHaveLength(1)
  })

  test('takes the start and forgets it is started again, as a further attempt', async ({ world, front }) => {
    const { end } = await start(world, front)
    let starts = 0
    front.answer(({ path }) => {
      if (!isStart(path)) return undefined
      starts += 1
      return starts === 1 ? { status: 200, body: {} } : undefined
    })
    expect((await end()).run).toMatchObject({ status: 'succeeded', retryCount: 1 })
  })

  test('does not say whether it took the start is not asked to start twice', async ({ world, front }) => {
    const { end, starts } = await start(world, front)
    front.answer(async ({ path }, own) => {
      if (!isStart(path)) return undefined
      await own()
      return 'reset'
    })
    expect((await end()).run).toMatchObject({ status: 'succeeded', retryCount: 0 })
    expect(starts()).toBe(1)
  })

  test('took no start before the worker was stopped is sent it at once by the next worker, in the same try', async ({
    world,
    front,
  }) => {
    const { person, start: begin, starts } = await start(world, front)
    let heard: () => void = () => undefined
    const asked = new Promise<void>((done) => {
      heard = done
    })
    front.answer(({ path }) => {
      if (!isStart(path)) return undefined
      heard()
      return { status: 429, body: {} }
    })
    const executionId = await begin()
    await asked
    await world.stack.restart()
    const refused = starts()
    front.answer(() => undefined)
    expect(await runToEnd(person, executionId)).toMatchObject({ status: 'succeeded', retryCount: 0 })
    expect(starts()).toBeGreaterThan(refused)
    const { rows } = await world.stack.owner.query(
      'select number, status from execution_attempts where execution_id = $1',
      [executionId],
    )
    expect(rows).toEqual([{ number: 1, status: 'succeeded' }])
  })

  test('reports a state that nobody knows goes on, with a warning', async ({ world, front }) => {
    const { end } = await start(world, front)
    showState(front, 'HIBERNATING', (look) => look <= 2)
    const { run, events } = await end()
    expect(run.status).toBe('succeeded')
    const warnings = events.filter(({ data }) => data['state'] === 'HIBERNATING')
    expect(warnings.map(({ level, type }) => [type, level])).toEqual([['log', 'warning']])
  })

  test('never gives a result is lost after its deadline, and says so', async ({ world, front }) => {
    const { end } = await start(world, front)
    showState(front, 'RUNNING', () => true)
    expect((await end()).run).toMatchObject({
      status: 'failed',
      failureKind: 'lost',
      errorMessage: expect.stringContaining('no result within the time allowed'),
    })
  })
})
