import { describe, expect } from 'vitest'
import { piece } from '../embedded/activepieces/flows.ts'
import { eventually } from '../embedded/activepieces/support.ts'
import { becomes, watch } from '../routers/watching.ts'
import { type Call, engineFront } from '../support/engine-front.ts'
import { plainEnvelope } from '../support/flows.ts'
import { reached, readyToRun, runToEnd, watchToEnd } from '../support/runs.ts'
import { testWith } from '../support/world.ts'

/** A stack whose worker reaches its engine through a front, whose flows cannot call back, and that does not wait long. */
const test = testWith({
  CALLBACK_URL: 'http://127.0.0.1:9',
  ENGINE_SECOND_LOOK_SECONDS: '0',
  ENGINE_ROW_WINDOW_SECONDS: '1',
  RUN_RETRY_SECONDS: '0',
  RUN_DEADLINE_FACTOR: '0',
  RUN_DEADLINE_MINIMUM_SECONDS: '3',
})
  .extend('behind', { scope: 'file' }, async ({ stack }, { onCleanup }) => {
    const front = await engineFront(stack.connections.engine.url)
    Object.assign(stack.connections.engine, { url: front.url })
    await stack.restart()
    onCleanup(() => front.close())
    return front
  })
  .extend('front', ({ behind }) => {
    behind.answer(() => undefined)
    behind.calls.length = 0
    return behind
  })

const isLook = ({ path }: Call) => /\/flow-runs\/[0-9A-Za-z]{21}$/.test(path)
const isStart = ({ path }: Call) => path.includes('/webhooks/')
const isCancel = ({ path }: Call) => path.endsWith('/flow-runs/cancel')

const quick = { code: `export const code = async () => ${plainEnvelope()}` }
const asksApproval = {
  ...quick,
  pieces: [piece('links', 'approval create_approval_links'), piece('approve', 'approval wait_for_approval')],
}

describe('a run of which the flow said that it failed, and the engine says nothing', () => {
  test('is lost like any other', async ({ world, front }) => {
    front.answer((call) => (isStart(call) ? { status: 200, body: {} } : undefined))
    const { person, start } = await readyToRun(world, quick)
    const executionId = await start()
    const { callback } = await eventually(async () => {
      const sent = front.calls.find(isStart)
      return sent && JSON.parse(sent.body)
    })
    const told = await fetch(`${world.stack.url}/callbacks/activepieces/${executionId}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${callback.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'end', type: 'finished', status: 'failed' }),
    })
    expect(told.status).toBe(200)
    expect(await runToEnd(person, executionId)).toMatchObject({ status: 'failed', failureKind: 'lost', retryCount: 3 })
  })
})

describe('a paused run', () => {
  test('that its engine has forgotten is lost, and says so', async ({ world, front }) => {
    const { person, start } = await readyToRun(world, asksApproval)
    const executionId = await start()
    await reached(person, executionId, 'paused')
    front.answer((call) => (isLook(call) ? { status: 404, body: {} } : undefined))
    await person.api.executions.resume.mutate({ executionId, decision: 'approve' })
    expect(await runToEnd(person, executionId)).toMatchObject({
      status: 'failed',
      failureKind: 'lost',
      errorMessage: expect.stringContaining('no longer keeps this run'),
    })
  })

  test('is cancelled at the engine too, once that can be reached', async ({ world, front }) => {
    const { person, start } = await readyToRun(world, asksApproval)
    const executionId = await start()
    await reached(person, executionId, 'paused')
    let isAway = true
    front.answer((call) => {
      if (!isAway || !isLook(call)) return undefined
      isAway = false
      return { status: 500, body: {} }
    })
    await person.api.executions.cancel.mutate({ executionId })
    expect((await runToEnd(person, executionId)).status).toBe('cancelled')
    expect(front.calls.filter(isCancel)).toHaveLength(1)
  })

  test('is cancelled here where the engine does not take the cancel, and says so', async ({ world, front }) => {
    const { person, start } = await readyToRun(world, asksApproval)
    const executionId = await start()
    await reached(person, executionId, 'paused')
    front.answer((call) => (isCancel(call) ? { status: 403, body: { code: 'PERMISSION_DENIED' } } : undefined))
    await person.api.executions.cancel.mutate({ executionId })
    const events = await watchToEnd(person, executionId)
    expect(events.map(({ message }) => message).join()).toContain('The engine did not take the cancel')
    expect(events.some(becomes('cancelled'))).toBe(true)
  })
})

describe('a run that was given up as lost', () => {
  test('is watched again at a retry, where the engine has gone on with it', async ({ world, front }) => {
    front.answer(async (call, own) => {
      if (!isLook(call)) return undefined
      return { status: 200, body: { ...Object(await (await own()).json()), status: 'RUNNING', finishTime: null } }
    })
    const { person, start } = await readyToRun(world, quick)
    const executionId = await start()
    expect(await runToEnd(person, executionId)).toMatchObject({ status: 'failed', failureKind: 'lost' })
    front.answer(() => undefined)
    front.calls.length = 0
    await person.api.executions.retry.mutate({ executionId, from: 'failed_step' })
    expect(await runToEnd(person, executionId)).toMatchObject({ status: 'succeeded', retryCount: 1 })
    expect(front.calls.filter(({ method }) => method === 'POST')).toEqual([])
  })
})

describe('the reason why a run is tried again', () => {
  test('may be long, and hides what is sensitive', async ({ world, front }) => {
    front.answer(async (call, own) => {
      if (!isLook(call)) return undefined
      const body = Object(await (await own()).json())
      return { status: 200, body: { ...body, status: body.status === 'FAILED' ? 'INTERNAL_ERROR' : body.status } }
    })
    const { person, start } = await readyToRun(world, {
      code: `export const code = async ({ input }) => { if (input.who) throw new Error('Nobody knows ' + input.who + ' ${'x'.repeat(5000)}'); return ${plainEnvelope()} }`,
      properties: { who: { type: 'string', 'x-sensitive': true } },
    })
    const events = await watch(person, await start({ who: 'Maria Example' }))
    expect(events.filter(({ message }) => message.startsWith('Try '))).toHaveLength(3)
    expect(events.some(becomes('failed'))).toBe(true)
    expect(JSON.stringify(events)).not.toContain('Maria')
  })
})
