import { describe, expect } from 'vitest'
import { runUnderWay, test, workplace } from '../support/resting.ts'
import { unique } from '../support/world.ts'
import { send } from './calls.ts'
import { log, tell, toldOf } from './flow-messages.ts'

const insight = {
  id: 'slow-stage',
  title: 'Deals wait in one stage',
  finding: 'Half of them do.',
  computation: 'Counted.',
  action: 'Ask why.',
  importance: 'high',
}

describe('what is not a flow of the run', () => {
  test('is refused in one sentence, whether or not there is such a run', async ({ world }) => {
    const place = await workplace(world)
    const [run, other] = [await runUnderWay(world, place), await runUnderWay(world, place)]
    const tries = [
      { executionId: run.executionId },
      { ...run, secret: 'wrong' },
      { ...run, secret: other.secret },
      { ...run, secret: place.company.admin.accessToken },
      { ...run, executionId: crypto.randomUUID() },
      { ...run, executionId: 'no-run' },
    ]
    const answers = await Promise.all(tries.map((one) => tell(world.stack, one, log('1'))))
    const told = answers.map(({ status, body }) => ({ status, ...Object(body), requestId: '' }))
    expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(told[0]).toMatchObject({ status: 401, code: 'UNAUTHORIZED', issues: [] })
    expect(await toldOf(world, run.executionId)).toEqual([])
  })

  test('is told which messages are malformed', async ({ world }) => {
    const run = await runUnderWay(world, await workplace(world))
    const faulty = async (body: unknown) => {
      const { status, body: told } = await tell(world.stack, run, body)
      return [status, Object(told).issues?.map(({ path }: { path: string }) => path)]
    }
    expect(await faulty({ id: '1', type: 'gossip', message: 'x' })).toEqual([400, ['type']])
    expect(await faulty({ type: 'log', message: '' })).toEqual([400, ['id', 'message']])
    expect(await faulty({ messages: [] })).toEqual([400, ['messages']])
    expect(await faulty({ messages: [log('1'), log('2', 'x'.repeat(2001))] })).toEqual([400, ['messages.1.message']])
    expect(await faulty({ messages: Array.from({ length: 101 }, (_, n) => log(`${n}`)) })).toEqual([400, ['messages']])
    expect(await faulty(log('1', 'half \ud800'))).toEqual([400, ['message']])
    expect(await faulty({ id: '1', type: 'finished', status: 'failed', output: ['a\u0000'] })).toEqual([
      400,
      ['output.0'],
    ])
    const long = { ...insight, finding: 'x'.repeat(20_000) }
    expect(await faulty({ id: '1', type: 'insight', insight: long })).toEqual([400, ['insight']])
    expect(await faulty('[]')).toEqual([400, ['']])
    expect(await faulty('{"id"')).toEqual([400, []])
    expect(await toldOf(world, run.executionId)).toEqual([])
  })

  test('is told when it sends too much, or something other than JSON', async ({ world }) => {
    const run = await runUnderWay(world, await workplace(world))
    const output = 'x'.repeat(8 * 1024 * 1024)
    const large = await tell(world.stack, run, { id: '1', type: 'finished', status: 'succeeded', output })
    expect(large).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE', requestId: expect.any(String) } })
    const text = await send(world.stack, `/callbacks/activepieces/${run.executionId}`, {
      method: 'POST',
      token: run.secret,
      headers: { 'content-type': 'text/plain' },
      body: 'done',
    })
    expect(text).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } })
  })

  test('is slowed down when it guesses, and holds up no flow behind the same address', async ({ world }) => {
    const place = await workplace(world)
    const [run, other] = [await runUnderWay(world, place), await runUnderWay(world, place)]
    await tell(world.stack, run, log('1'))
    const guesses = await Promise.all(
      Array.from({ length: 60 }, () => tell(world.stack, { ...run, secret: unique() }, log('2'))),
    )
    expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([401]))
    const next = await tell(world.stack, { ...run, secret: unique() }, log('2'))
    expect(next).toMatchObject({ status: 429, body: { code: 'TOO_MANY_REQUESTS' } })
    expect(Number(next.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await tell(world.stack, run, log('2'))).status).toBe(200)
    expect((await tell(world.stack, other, log('1'))).status).toBe(200)
  })

  test('is stopped when it talks without end', async ({ world }) => {
    const run = await runUnderWay(world, await workplace(world))
    const answers = await Promise.all(Array.from({ length: 601 }, () => tell(world.stack, run, log('1'))))
    const statuses = answers.map(({ status }) => status).toSorted()
    expect([statuses.slice(0, 600).every((status) => status === 200), statuses[600]]).toEqual([true, 429])
  })

  test('finds neither body nor secret in the log', async ({ world }) => {
    const run = await runUnderWay(world, await workplace(world))
    const words = `words-${unique()}`
    await tell(world.stack, run, log('1', words))
    await tell(world.stack, run, { id: '1', type: words })
    await tell(world.stack, { ...run, secret: `${run.secret}x` }, log('2', words))
    const told = world.stack.logs.join('\n')
    expect(told).toContain('/callbacks/activepieces/:executionId')
    expect([told.includes(words), told.includes(run.secret)]).toEqual([false, false])
  })
})
