import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { sorted } from '../routers/lists.ts'
import { startReplica } from '../support/replica.ts'
import { addAttempt, endRun, runUnderWay, test, workplace } from '../support/resting.ts'
import { unique, type World } from '../support/world.ts'
import { send } from './calls.ts'

const insight = {
  id: 'slow-stage',
  title: 'Deals wait in one stage',
  finding: 'Half of them do.',
  computation: 'Counted.',
  action: 'Ask why.',
  importance: 'high',
}

const log = (id: string, message = `line ${id}`) => ({ id, type: 'log', message })

/** Sends what a flow would; the answer is the receipt or a refusal. */
function tell({ url }: { url: string }, run: { executionId: string; secret?: string }, body: unknown) {
  return send({ url }, `/callbacks/activepieces/${run.executionId}`, { method: 'POST', token: run.secret, body })
}

/** What is told of a run beyond its states, in order. */
async function toldOf(world: World, executionId: string) {
  const { rows } = await world.stack.owner.query<Record<string, unknown>>(
    `select type, level, message, step, data from execution_events where execution_id = $1 and type <> 'status' order by id`,
    [executionId],
  )
  return rows
}

async function linesOf(world: World, executionId: string) {
  return (await toldOf(world, executionId)).map(({ message }) => message)
}

describe('a flow that tells of its run', () => {
  test('has each kind of message shown once, in the order in which they came', async ({ world }) => {
    const run = await runUnderWay(world, await workplace(world))
    const messages = [
      { id: '1', type: 'progress', message: 'Half way', step: 'count', percent: 50 },
      { id: '2', type: 'log', message: 'A row was skipped', level: 'warning' },
      { id: '3', type: 'insight', insight },
    ]
    for (const message of messages)
      expect(await tell(world.stack, run, message)).toMatchObject({
        status: 200,
        body: { accepted: 1, repeated: 0, late: 0 },
      })
    expect(await tell(world.stack, run, { messages })).toMatchObject({ body: { accepted: 0, repeated: 3, late: 0 } })
    expect(await toldOf(world, run.executionId)).toEqual([
      {
        type: 'progress',
        level: 'info',
        message: 'Half way',
        step: 'count',
        data: { attempt: 1, percent: 50 },
      },
      { type: 'log', level: 'warning', message: 'A row was skipped', step: null, data: { attempt: 1 } },
      {
        type: 'insight',
        level: 'info',
        message: insight.title,
        step: null,
        data: { attempt: 1, insight: { ...insight, figures: [] } },
      },
    ])
  })

  test('leaves a result to the worker', async ({ world }) => {
    const run = await runUnderWay(world, await workplace(world))
    const result = { id: 'end', type: 'finished', status: 'succeeded', output: { summary: 'Done.' } }
    expect((await tell(world.stack, run, result)).body).toEqual({ accepted: 1, repeated: 0, late: 0 })
    expect(await toldOf(world, run.executionId)).toEqual([])
    const { rows } = await world.stack.owner.query(
      'select type, outcome, body from execution_callbacks where execution_id = $1',
      [run.executionId],
    )
    expect(rows).toEqual([{ type: 'finished', outcome: 'waiting', body: result }])
  })

  test('is heard once when one message comes fifty times at once, at two hosts', async ({ world }) => {
    const [run, replica] = await Promise.all([
      workplace(world).then((place) => runUnderWay(world, place)),
      startReplica(world.stack),
    ])
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => tell(n % 2 ? replica : world.stack, run, log('same'))),
    )
    await replica.close()
    const receipts = answers.map(({ body }) => Object(body).accepted)
    expect([receipts.filter((accepted) => accepted === 1).length, await linesOf(world, run.executionId)]).toEqual([
      1,
      ['line same'],
    ])
    expect(answers.every(({ status }) => status === 200)).toBe(true)
  })

  test('has every message counted once, however they are mixed and repeated', async ({ world }) => {
    const place = await workplace(world)
    const ids = ['a', 'b', 'c', 'd', 'e']
    const mixes = fc.array(fc.shuffledSubarray(ids, { minLength: 1 }), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(mixes, fc.boolean(), async (requests, atOnce) => {
        const run = await runUnderWay(world, place)
        const all = [...requests, ids].map((some) => ({ messages: some.map((id) => log(id)) }))
        if (atOnce) await Promise.all(all.map((body) => tell(world.stack, run, body)))
        else for (const body of all) await tell(world.stack, run, body)
        const lines = await linesOf(world, run.executionId)
        expect(sorted(lines.map(String))).toEqual(sorted(ids.map((id) => `line ${id}`)))
        if (!atOnce) expect(lines).toEqual([...new Set([...requests, ids].flat())].map((id) => `line ${id}`))
      }),
      { numRuns: 25 },
    )
  })

  test('comes late after the end of the run, and changes nothing', async ({ world }) => {
    const run = await runUnderWay(world, await workplace(world))
    await endRun(world, run.executionId)
    const messages = [log('1'), { id: '2', type: 'finished', status: 'failed' }]
    expect(await tell(world.stack, run, { messages })).toMatchObject({
      status: 200,
      body: { accepted: 0, repeated: 0, late: 2 },
    })
    expect(await toldOf(world, run.executionId)).toEqual([])
    const { rows } = await world.stack.owner.query('select status from workflow_executions where id = $1', [
      run.executionId,
    ])
    expect(rows).toEqual([{ status: 'succeeded' }])
  })

  test('comes late with the secret of an attempt that another has followed', async ({ world }) => {
    const run = await runUnderWay(world, await workplace(world))
    const secret = await addAttempt(world, run.executionId, 2)
    expect((await tell(world.stack, run, log('1'))).body).toEqual({ accepted: 0, repeated: 0, late: 1 })
    expect((await tell(world.stack, { ...run, secret }, log('1'))).body).toMatchObject({ accepted: 1 })
    expect(await linesOf(world, run.executionId)).toEqual(['line 1'])
  })

  test('tells an insight once, under whatever message', async ({ world }) => {
    const run = await runUnderWay(world, await workplace(world))
    const messages = ['1', '2'].map((id) => ({ id, type: 'insight', insight }))
    await tell(world.stack, run, { messages })
    await tell(world.stack, run, { id: '3', type: 'insight', insight: { ...insight, title: 'Again' } })
    expect(await linesOf(world, run.executionId)).toEqual([insight.title])
  })

  test('does not show what the form of the workflow marks as sensitive', async ({ world }) => {
    const secret = { 'x-sensitive': true, type: 'string' }
    const people = { type: 'array', items: { properties: { name: secret } } }
    const place = await workplace(world, { inputSchema: { type: 'object', properties: { key: secret, people } } })
    const input = { key: 'k-12345', people: [{ name: 'Ana' }, { name: 'Ana Sample' }] }
    const run = await runUnderWay(world, place, input)
    await tell(world.stack, run, log('1', 'Ana Sample and Ana used k-12345 to read 12 rows'))
    const figures = [{ label: 'Of Ana', value: null, type: 'text' }]
    await tell(world.stack, run, { id: '2', type: 'insight', insight: { ...insight, title: 'Ana waits', figures } })
    expect(await linesOf(world, run.executionId)).toEqual([
      '(hidden) and (hidden) used (hidden) to read 12 rows',
      '(hidden) waits',
    ])
    const [, told] = await toldOf(world, run.executionId)
    const shown = {
      ...insight,
      title: '(hidden) waits',
      figures: [{ label: 'Of (hidden)', value: null, type: 'text' }],
    }
    expect(told?.['data']).toEqual({ attempt: 1, insight: shown })
  })
})

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
