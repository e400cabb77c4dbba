import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { sorted } from '../routers/lists.ts'
import { startReplica } from '../support/replica.ts'
import { addAttempt, endRun, runUnderWay, test, workplace } from '../support/resting.ts'
import { linesOf, log, tell, toldOf } from './flow-messages.ts'

const insight = {
  id: 'slow-stage',
  title: 'Deals wait in one stage',
  finding: 'Half of them do.',
  computation: 'Counted.',
  action: 'Ask why.',
  importance: 'high',
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
    const pay = { 'x-sensitive': true, type: 'integer' }
    const people = { type: 'array', items: { properties: { name: secret } } }
    const place = await workplace(world, { inputSchema: { type: 'object', properties: { key: secret, pay, people } } })
    const input = { key: 'k-12345', pay: 73500, people: [{ name: 'Ana' }, { name: 'Ana Sample' }] }
    const run = await runUnderWay(world, place, input)
    await tell(world.stack, run, log('1', 'Ana Sample and Ana used k-12345 to read 12 rows'))
    const figures = [
      { label: 'Of Ana', value: null, type: 'text' },
      { label: 'Pay', value: 73500, type: 'number' },
      { label: 'Rows', value: 735, type: 'number' },
    ]
    await tell(world.stack, run, { id: '2', type: 'insight', insight: { ...insight, title: 'Ana waits', figures } })
    expect(await linesOf(world, run.executionId)).toEqual([
      '(hidden) and (hidden) used (hidden) to read 12 rows',
      '(hidden) waits',
    ])
    const [, told] = await toldOf(world, run.executionId)
    const shown = {
      ...insight,
      title: '(hidden) waits',
      figures: [
        { label: 'Of (hidden)', value: null, type: 'text' },
        { label: 'Pay', value: '(hidden)', type: 'number' },
        { label: 'Rows', value: 735, type: 'number' },
      ],
    }
    expect(told?.['data']).toEqual({ attempt: 1, insight: shown })
  })
})
