import { describe, expect } from 'vitest'
import { type ScheduleFields, test } from './clockwork.ts'

const hourly: ScheduleFields = { cron: '0 * * * *', timezone: 'UTC' }
const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 2, 2, hour, minute)).toISOString()
const outcomes = (rows: { dueAt: string; outcome: string }[]) => rows.map(({ dueAt, outcome }) => [dueAt, outcome])

describe('a schedule that has come due', () => {
  test('starts its run once, in the name of its person, and goes on to its next time', async ({
    fire,
    schedules,
    tenant,
  }) => {
    const id = await schedules.add(at(8), hourly)
    await fire(at(7, 59))
    expect(await schedules.occurrences(id)).toEqual([])
    await fire(at(8))
    await fire(at(8, 30))
    const [run, ...more] = await schedules.runs()
    expect([run, more]).toMatchObject([{ status: 'pending', user_id: tenant.member.userId }, []])
    expect(await schedules.occurrences(id)).toEqual([
      { dueAt: at(8), outcome: 'started', reason: null, executionId: run?.['id'] },
    ])
    expect(await schedules.find(id)).toMatchObject({ is_active: true, next_due_at: at(9) })
  })

  test('is fired once by workers that look at the same moment', async ({ fire, schedules }) => {
    const ids: string[] = []
    while (ids.length < 8) ids.push(await schedules.add(at(8), hourly))
    await Promise.all([fire(at(8)), fire(at(8)), fire(at(8))])
    for (const id of ids) expect(outcomes(await schedules.occurrences(id))).toEqual([[at(8), 'started']])
    expect(await schedules.runs()).toHaveLength(8)
  })

  test('is fired by the next worker when one is killed on the way, and only once', async ({ fire, schedules }) => {
    const id = await schedules.add(at(8), hourly)
    await fire(at(8), { isKilled: true })
    expect(await schedules.occurrences(id)).toEqual([])
    expect(await schedules.runs()).toEqual([])
    await fire(at(8, 1))
    expect(outcomes(await schedules.occurrences(id))).toEqual([[at(8), 'started']])
    expect(await schedules.runs()).toHaveLength(1)
  })

  test('with a time that is decided already starts nothing again', async ({ fire, owner, schedules }) => {
    const id = await schedules.add(at(8), hourly)
    await fire(at(8))
    await schedules.endRuns()
    await owner('update workflow_schedules set next_due_at = $2 where id = $1', [id, at(8)])
    await fire(at(8, 1))
    expect(outcomes(await schedules.occurrences(id))).toEqual([[at(8), 'started']])
    expect(await schedules.runs()).toHaveLength(1)
  })

  test('runs the version of the workflow that is current then, with what that version fills in', async ({
    fire,
    owner,
    schedules,
    tenant,
  }) => {
    const id = await schedules.add(at(8), { ...hourly, input_data: '{"b": 1}' })
    const schema = { type: 'object', properties: { a: { type: 'integer', default: 7 } } }
    await owner(
      `insert into workflow_template_versions (template_id, company_id, version, content_hash, result_step, manifest, flow, input_schema, output_schema, sample_input, example_result)
       select template_id, company_id, '1.1.0', content_hash || 'b', result_step, manifest, flow, $2, output_schema, sample_input, example_result
       from workflow_template_versions where template_id = $1`,
      [tenant.templateId, schema],
    )
    await owner(`update workflow_templates set version = '1.1.0' where id = $1`, [tenant.templateId])
    await fire(at(8))
    const [run] = await owner(
      'select e.* from workflow_executions e join schedule_occurrences o on o.execution_id = e.id where schedule_id = $1',
      [id],
    )
    const given = {
      template_version: '1.1.0',
      input_data: { a: 7, b: 1 },
      source: 'schedule',
      priority: 2,
      cause: null,
    }
    expect(run).toMatchObject(given)
    const [hash] = await owner(`select encode(sha256('{"b":1}'), 'hex') as it`)
    expect(run?.['input_hash']).toBe(hash?.['it'])
  })
})

describe('while the run before it is going, an occurrence', () => {
  test('is left out by skip', async ({ fire, schedules }) => {
    const id = await schedules.add(at(8), { ...hourly, overlap: 'skip' })
    await fire(at(8))
    await fire(at(9))
    await schedules.endRuns()
    await fire(at(10))
    const rows = await schedules.occurrences(id)
    expect(outcomes(rows)).toEqual([
      [at(8), 'started'],
      [at(9), 'skipped'],
      [at(10), 'started'],
    ])
    expect(rows[1]).toMatchObject({ reason: 'The run before it was still going.', executionId: null })
  })

  test('waits its turn by queue', async ({ fire, schedules }) => {
    const id = await schedules.add(at(8), { ...hourly, overlap: 'queue' })
    for (const hour of [8, 9, 10]) await fire(at(hour))
    const seen = [outcomes(await schedules.occurrences(id))]
    await schedules.endRuns()
    await fire(at(10, 1))
    seen.push(outcomes(await schedules.occurrences(id)))
    const states = seen.map((rows) => rows.map(([, outcome]) => outcome))
    expect(states).toEqual([
      ['started', 'waiting', 'waiting'],
      ['started', 'started', 'waiting'],
    ])
  })

  test('is stood for by one that waits, by coalesce', async ({ fire, schedules }) => {
    const id = await schedules.add(at(8), { ...hourly, overlap: 'coalesce' })
    for (const hour of [8, 9, 10, 11]) await fire(at(hour))
    await schedules.endRuns()
    await fire(at(11, 1))
    expect(outcomes(await schedules.occurrences(id))).toEqual([
      [at(8), 'started'],
      [at(9), 'started'],
      [at(10), 'coalesced'],
      [at(11), 'coalesced'],
    ])
    expect(await schedules.runs()).toHaveLength(2)
  })

  test('counts a run that is held for want of quota as going', async ({ fire, owner, schedules, tenant }) => {
    await owner('update company_limits set max_executions_per_month = 2 where company_id = $1', [tenant.id])
    const id = await schedules.add(at(8), { ...hourly, overlap: 'skip' })
    await fire(at(8))
    expect(await schedules.runs()).toMatchObject([{ status: 'held' }])
    await fire(at(9))
    expect(outcomes(await schedules.occurrences(id))).toEqual([
      [at(8), 'started'],
      [at(9), 'skipped'],
    ])
  })

  test('in a queue that is full is skipped', async ({ fire, owner, schedules }) => {
    const id = await schedules.add(at(8), { ...hourly, overlap: 'queue' })
    await fire(at(8))
    const waiting = `insert into schedule_occurrences (company_id, schedule_id, studio_id, due_at, outcome)
      select company_id, id, studio_id, $2::timestamptz + n * interval '1 second', 'waiting' from workflow_schedules, generate_series(1, 100) n where id = $1`
    await owner(waiting, [id, at(8)])
    await fire(at(9))
    const reason = '100 occurrences wait already.'
    expect((await schedules.occurrences(id)).at(-1)).toMatchObject({ dueAt: at(9), outcome: 'skipped', reason })
  })
})

describe('what came due while the service was stopped', () => {
  test('is skipped but for the newest, which runs', async ({ fire, schedules }) => {
    const id = await schedules.add(at(8), { ...hourly, overlap: 'skip' })
    await fire(at(10, 20))
    const rows = await schedules.occurrences(id)
    expect(outcomes(rows)).toEqual([
      [at(8), 'skipped'],
      [at(9), 'skipped'],
      [at(10), 'started'],
    ])
    expect(rows[0]).toMatchObject({ reason: 'The service was stopped at that time.' })
    expect(await schedules.find(id)).toMatchObject({ next_due_at: at(11) })
  })

  test('is made up for by one run, by coalesce', async ({ fire, schedules }) => {
    const id = await schedules.add(at(8), { ...hourly, overlap: 'coalesce' })
    await fire(at(10, 20))
    const rows = await schedules.occurrences(id)
    expect(rows.map(({ outcome }) => outcome)).toEqual(['coalesced', 'coalesced', 'started'])
    expect(rows[0]).toMatchObject({ reason: expect.stringContaining('The service was stopped') })
  })

  test('runs one after the other in order, by queue', async ({ fire, owner, schedules }) => {
    const id = await schedules.add(at(8), { ...hourly, overlap: 'queue' })
    for (let round = 0; round < 4; round += 1) {
      await fire(at(10, 20))
      await schedules.endRuns()
    }
    const started = `select o.due_at from schedule_occurrences o join workflow_executions e on e.id = o.execution_id
      where schedule_id = $1 order by e.created_at`
    const order = (await owner(started, [id])).map((row) => row['due_at'])
    expect(order).toEqual([new Date(at(8)), new Date(at(9)), new Date(at(10))])
  })

  test.for([
    ['skip', 100, { skipped: 99, started: 1 }],
    ['coalesce', 100, { coalesced: 99, started: 1 }],
    ['queue', 1000, { skipped: 900, started: 1, waiting: 99 }],
  ] as const)(
    'is recorded up to a bound, by %s the newest %d',
    async ([overlap, most, counts], { fire, schedules }) => {
      const id = await schedules.add('2026-01-01T00:00:00.000Z', { ...hourly, overlap })
      await fire(at(8))
      const rows = await schedules.occurrences(id)
      const found: Record<string, number> = {}
      for (const { outcome } of rows as { outcome?: unknown }[])
        found[String(outcome)] = (found[String(outcome)] ?? 0) + 1
      expect([rows.length, found, rows.at(-1)?.dueAt]).toEqual([most, counts, at(8)])
    },
  )
})
