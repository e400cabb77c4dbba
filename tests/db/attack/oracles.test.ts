import { createHash } from 'node:crypto'
import { describe, expect } from 'vitest'
import { insertRow, type Run, refusalOf, runAs, runOn } from '../support/run.ts'
import { executionRow, furnish, studioRow, tracesIn } from '../support/tenant.ts'
import { test as base, rowsOf, tablesIn, workerTables } from '../support/two-companies.ts'

const test = base
  .extend('database', { scope: 'file' }, ({ clone }) => clone.open())
  .extend('member', { scope: 'file' }, ({ database, companies }) => runAs(database, companies.ours.member))

/** The same error, whatever the row it is about. */
const byThePolicy = {
  state: '42501',
  text: expect.stringMatching(/^new row violates row-level security policy for table "\w+"$/),
}

// What a function says of a value that it cannot take would show the value.
const talkative = [
  (table: string) => `select from ${table} t where (t::text)::int = 1`,
  (table: string) => `select from ${table} t where (t::text)::jsonb is null`,
  (table: string) => `select from ${table} t where 'x' ~ ('(' || t::text)`,
  (table: string) => `select from ${table} t where 1 / (length(t::text) * 0) = 1`,
  (table: string) => `select from ${table} t order by (t::text)::date`,
  (table: string) => `select max((t::text)::uuid::text) from ${table} t`,
  (table: string) => `select from ${table} t join ${table} u on (u::text)::int = 1`,
]

describe('an error', () => {
  test('shows no value of another company, wherever a query makes it happen', async ({ owner, companies, member }) => {
    const shown: unknown[] = []
    for (const table of await tablesIn(owner)) {
      for (const query of talkative) shown.push(await refusalOf(member(query(table))))
    }
    expect(tracesIn(shown, companies.theirs)).toEqual([])
    expect(tracesIn(shown, companies.ours)).toContain(companies.ours.secret)
  })

  test('tells of a taken id no more than that it is taken', async ({ companies: { ours, theirs }, member }) => {
    const studio = { ...studioRow(ours.id, ours.member), id: theirs.studioId }
    const refusal = await refusalOf(insertRow(member, 'studios', studio))
    expect(refusal).toEqual({ state: '23505', text: 'duplicate key value violates unique constraint "studios_pkey"' })
  })

  test('tells nothing of another company’s plan and places', async ({ owner, companies: { ours, theirs }, member }) => {
    const open = () => refusalOf(insertRow(member, 'studios', studioRow(theirs.id, ours.member)))
    expect(await open()).toEqual(byThePolicy)
    await owner('update company_limits set max_studios = 0 where company_id = $1', [theirs.id])
    expect(await open()).toEqual(byThePolicy)
  })

  test('tells nothing of whether another company is suspended', async ({
    owner,
    companies: { ours, theirs },
    member,
  }) => {
    const start = () =>
      refusalOf(
        insertRow(
          member,
          'workflow_executions',
          executionRow(theirs.id, theirs.studioId, ours.templateId, ours.member),
        ),
      )
    expect(await start()).toEqual(byThePolicy)
    await owner(`update companies set status = 'suspended' where id = $1`, [theirs.id])
    expect(await start()).toEqual(byThePolicy)
  })

  test('tells nothing of whether another company’s studio is archived', async ({ owner, companies, member }) => {
    const { ours, theirs } = companies
    const start = () =>
      refusalOf(
        insertRow(member, 'workflow_executions', executionRow(ours.id, theirs.studioId, ours.templateId, ours.member)),
      )
    const before = await start()
    expect(before).toMatchObject({ state: '23503' })
    await owner('update studios set archived_at = now() where id = $1', [theirs.studioId])
    expect(await start()).toEqual(before)
  })
})

describe('a row of another company', () => {
  const studio = '(id, company_id, name, business_area, created_by)'
  const row = `($1::uuid, $2::uuid, 'Taken over', 'sales', $3::uuid)`
  const takeovers: [string, string][] = [
    ['an upsert', `insert into studios ${studio} values ${row} on conflict (id) do update set name = 'Taken over'`],
    ['an insert that gives way', `insert into studios ${studio} values ${row} on conflict (id) do nothing`],
    [
      'a merge',
      `merge into studios s using (values ($1::uuid)) v (id) on s.id = v.id
         when matched then update set name = 'Taken over' when not matched then insert ${studio} values ${row}`,
    ],
    [
      'a removal inside a change',
      `with gone as (delete from studios where id = $1 returning id) update studios set name = 'Taken over' from gone
         where company_id <> $2 and created_by <> $3`,
    ],
  ]

  test.for(takeovers)('is not taken over by %s', async ([, statement], { owner, companies, member }) => {
    const { ours, theirs } = companies
    const before = await rowsOf(owner, theirs)
    await refusalOf(member(statement, [theirs.studioId, ours.id, ours.member.userId]))
    expect(await rowsOf(owner, theirs)).toEqual(before)
    expect(await owner(`select from studios where name = 'Taken over'`)).toEqual([])
  })
})

describe('a workflow of another company', () => {
  test('cannot be run, and looks as if it did not exist', async ({ companies: { ours, theirs }, member }) => {
    const start = (templateId: string) =>
      refusalOf(insertRow(member, 'workflow_executions', executionRow(ours.id, ours.studioId, templateId, ours.member)))
    const refusal = await start(theirs.templateId)
    expect(refusal).toMatchObject({ state: 'ST003', text: expect.stringContaining('No such workflow') })
    expect(await start(ours.studioId)).toEqual(refusal)
    expect(await start(ours.templateId)).toBeUndefined()
  })
})

describe('what can be watched', () => {
  // PostgreSQL evaluates leakproof comparisons before the policy, and EXPLAIN ANALYZE counts: a guess can be confirmed.
  test('EXPLAIN shows counts and no value', async ({ owner, companies, member }) => {
    const plans: unknown[] = []
    for (const table of await tablesIn(owner)) {
      plans.push(await refusalOf(member(`explain (analyze, verbose, buffers, settings) select * from ${table}`)))
      if (workerTables.includes(table)) continue
      plans.push(await member(`explain (analyze, verbose) select count(*) from ${table}`))
    }
    expect(tracesIn(plans, companies.theirs)).toEqual([])
    expect(JSON.stringify(plans)).toContain('Filter')
  })

  test('a listener is told which run to look at and nothing about it', async ({ clone, owner }) => {
    const { member, id, studioId, templateId } = await furnish(owner)
    const listener = await clone.connect()
    const heard: string[] = []
    listener.on('notification', ({ payload = '' }) => heard.push(payload))
    const run: Run = runOn(listener)
    for (const channel of ['studios_events', 'studios_worker']) await run(`listen ${channel}`)
    const started = await insertRow(owner, 'workflow_executions', executionRow(id, studioId, templateId, member))
    await run('select 1')
    const company = createHash('sha256').update(id).digest('hex').slice(0, 32)
    expect(new Set(heard)).toEqual(new Set([started['id'], `${started['id']} ${company}`]))
    await run('set role authenticated')
    expect(await run('select * from workflow_executions')).toEqual([])
  })
})
