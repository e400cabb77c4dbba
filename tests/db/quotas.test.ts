import { describe, expect } from 'vitest'
import { signUp } from './support/people.ts'
import { insertRow, type Run, refusalOf, runAs } from './support/run.ts'
import { executionRow, furnish, studioRow, type Tenant } from './support/tenant.ts'
import { test as base } from './support/two-companies.ts'

const test = base
  .extend('database', { scope: 'file' }, ({ clone }) => clone.open({ maxConnections: 8 }))
  .extend('tenant', ({ owner }) => furnish(owner))

const full = { state: 'ST002' }

describe('a plan is kept to exactly, whoever asks at the same moment:', () => {
  test('studios', async ({ owner, database, tenant: { id, member, admin } }) => {
    await owner('update company_limits set max_studios = 6 where company_id = $1', [id])
    const opening = Array.from({ length: 12 }, (_, index) => {
      const founder = index % 2 ? member : admin
      return refusalOf(insertRow(runAs(database, founder), 'studios', studioRow(id, founder)))
    })
    const refusals = (await Promise.all(opening)).filter((refusal) => refusal !== undefined)
    expect(refusals).toEqual(Array.from({ length: 8 }, () => expect.objectContaining(full)))
    expect(await owner('select from studios where company_id = $1 and archived_at is null', [id])).toHaveLength(6)
  })

  test('studios opened by one statement', async ({ owner, database, tenant: { id, member } }) => {
    await owner('update company_limits set max_studios = 6 where company_id = $1', [id])
    const many = `insert into studios (company_id, name, business_area, created_by)
      select $1, 'Studio ' || n, 'sales', $2 from generate_series(1, 5) n`
    expect(await refusalOf(runAs(database, member)(many, [id, member.userId]))).toMatchObject(full)
    expect(await owner('select from studios where company_id = $1', [id])).toHaveLength(2)
  })

  test('studios taken out of the archive', async ({ owner, database, tenant: { id, studioId, admin } }) => {
    const run = runAs(database, admin)
    const archive = (at: string) => run(`update studios set archived_at = ${at} where id = $1 returning id`, [studioId])
    await owner('update company_limits set max_studios = 2 where company_id = $1', [id])
    expect(await archive('now()')).toHaveLength(1)
    await insertRow(run, 'studios', studioRow(id, admin))
    expect(await refusalOf(archive('null'))).toMatchObject(full)
    await owner('update company_limits set max_studios = 3 where company_id = $1', [id])
    expect(await archive('null')).toHaveLength(1)
  })

  test('people', async ({ owner, database, tenant: { id, admin } }) => {
    await owner('update company_limits set max_users = 5 where company_id = $1', [id])
    const waiting = []
    for (let count = 0; count < 6; count += 1) {
      const person = await signUp(owner)
      await insertRow(owner, 'user_companies', { company_id: id, user_id: person.userId })
      waiting.push(person.userId)
    }
    const approve = `update user_companies set status = 'approved', approved_by = $2 where user_id = $1`
    const approving = waiting.map((userId) => refusalOf(runAs(database, admin)(approve, [userId, admin.userId])))
    const refusals = (await Promise.all(approving)).filter((refusal) => refusal !== undefined)
    expect(refusals).toEqual(Array.from({ length: 4 }, () => expect.objectContaining(full)))
    expect(await owner(`select from user_companies where company_id = $1 and status = 'approved'`, [id])).toHaveLength(
      5,
    )
  })

  test('runs of a month, beyond which a run is held', async ({ owner, database, tenant }) => {
    const { id, studioId, templateId, member, admin } = tenant
    await owner('update company_limits set max_executions_per_month = 7 where company_id = $1', [id])
    const starting = Array.from({ length: 12 }, (_, index) => {
      const starter = index % 2 ? member : admin
      return insertRow(runAs(database, starter), 'workflow_executions', executionRow(id, studioId, templateId, starter))
    })
    const states = (await Promise.all(starting)).map(({ status }) => status)
    expect(states.filter((status) => status === 'pending')).toHaveLength(5)
    expect(states.filter((status) => status === 'held')).toHaveLength(7)
    const counted = 'select sum(executions)::int as executions from company_usage where company_id = $1'
    expect(await owner(counted, [id]), 'a run that is held is not counted yet').toEqual([{ executions: 7 }])
  })
})

describe('held runs, once the quota allows,', () => {
  const hold = async (owner: Run, { id, studioId, templateId, member }: Tenant, count: number) => {
    await owner('update company_limits set max_executions_per_month = 0 where company_id = $1', [id])
    const many = `insert into workflow_executions (company_id, studio_id, template_id, template_version, user_id, input_data, input_hash, created_at)
      select $1, $2, $3, '1.0.0', $4, '{}', 'none', now() + make_interval(secs => n) from generate_series(1, $5) n`
    await owner(many, [id, studioId, templateId, member.userId, count])
  }
  const allow = (owner: Run, { id }: Tenant, runs: number) =>
    owner('update company_limits set max_executions_per_month = $2 where company_id = $1', [id, runs])
  const release = async (owner: Run) => Number((await owner('select app.release_held() as released'))[0]?.['released'])
  const heldOf = async (owner: Run, { id }: Tenant) =>
    (await owner(`select from workflow_executions where company_id = $1 and status = 'held'`, [id])).length

  test('go in short turns that every company has its part in, until none is left', async ({ owner, tenant }) => {
    const [other, small] = [await furnish(owner), await furnish(owner)]
    for (const company of [tenant, other]) await hold(owner, company, 150)
    await hold(owner, small, 5)
    for (const company of [tenant, other, small]) await allow(owner, company, 1000)
    expect(await release(owner)).toBeLessThanOrEqual(200)
    expect(await heldOf(owner, small)).toBe(0)
    const left = [await heldOf(owner, tenant), await heldOf(owner, other)]
    for (const held of left) expect([held > 0, held < 150]).toEqual([true, true])
    while ((await release(owner)) > 0);
    expect([await heldOf(owner, tenant), await heldOf(owner, other)]).toEqual([0, 0])
  })

  test('go oldest first and no further than it allows', async ({ owner, tenant }) => {
    const { id } = tenant
    await hold(owner, tenant, 8)
    const counted = 'select sum(executions)::int as executions from company_usage where company_id = $1'
    const [before] = await owner(counted, [id])
    await allow(owner, tenant, Number(before?.['executions']) + 5)
    while ((await release(owner)) > 0);
    expect(await owner(counted, [id])).toEqual([{ executions: Number(before?.['executions']) + 5 }])
    const order = `select status from workflow_executions where company_id = $1 and status in ('pending', 'held') order by created_at`
    const states = (await owner(order, [id])).map(({ status }) => status)
    expect(states).toEqual([...Array(5).fill('pending'), ...Array(3).fill('held')])
  })
})

describe('a new run', () => {
  test('is pending or held whatever its starter says, and has done nothing yet', async ({ database, tenant }) => {
    const { id, studioId, templateId, member } = tenant
    const run = runAs(database, member)
    const row = executionRow(id, studioId, templateId, member)
    expect(await insertRow(run, 'workflow_executions', { ...row, status: 'succeeded' })).toMatchObject({
      status: 'pending',
    })
    const deeds = [
      { output_data: {} },
      { retry_count: 3 },
      { started_at: 'now' },
      { completed_at: 'now' },
      { minutes_saved: 60 },
      { error_message: 'x' },
    ]
    for (const deed of deeds) {
      const refusal = await refusalOf(insertRow(run, 'workflow_executions', { ...row, ...deed }))
      expect(refusal, JSON.stringify(deed)).toMatchObject({ state: 'ST001' })
    }
  })

  test('is not accepted in an archived studio or of a suspended company', async ({ owner, database, tenant }) => {
    const { id, studioId, templateId, member } = tenant
    const start = () =>
      refusalOf(
        insertRow(runAs(database, member), 'workflow_executions', executionRow(id, studioId, templateId, member)),
      )
    await owner('update studios set archived_at = now() where id = $1', [studioId])
    expect(await start()).toMatchObject({ state: 'ST003', text: expect.stringContaining('studio is archived') })
    await owner('update studios set archived_at = null where id = $1', [studioId])
    await owner(`update companies set status = 'suspended' where id = $1`, [id])
    expect(await start()).toMatchObject({ state: 'ST003', text: expect.stringContaining('suspended') })
  })
})

describe('a run', () => {
  test('is cancelled by a caller, and moved on or ended by the worker alone', async ({ database, tenant }) => {
    const { id, studioId, templateId, member, executionId } = tenant
    const run = runAs(database, member)
    const started = await insertRow(run, 'workflow_executions', executionRow(id, studioId, templateId, member))
    const change = (execution: unknown, to: string) =>
      refusalOf(run(`update workflow_executions set ${to} where id = $1`, [execution]))
    expect(await change(started['id'], `status = 'running'`)).toMatchObject({ state: 'ST001' })
    expect(await change(started['id'], `completed_at = now()`)).toMatchObject({ state: 'ST001' })
    expect(await change(executionId, `completed_at = now()`)).toMatchObject({ state: 'ST001' })
    expect(await change(executionId, `status = 'cancelled'`)).toMatchObject({ state: 'ST003' })
    expect(await change(started['id'], `status = 'cancelled', completed_at = now()`)).toBeUndefined()
  })
})

describe('a person beyond the plan', () => {
  test('is let in again once a place is free', async ({ owner, database, tenant: { id, admin, viewer } }) => {
    await owner('update company_limits set max_users = 3 where company_id = $1', [id])
    const person = await signUp(owner)
    await insertRow(owner, 'user_companies', { company_id: id, user_id: person.userId })
    const set = (userId: string, status: string) =>
      refusalOf(runAs(database, admin)('update user_companies set status = $2 where user_id = $1', [userId, status]))
    expect(await set(person.userId, 'approved')).toMatchObject(full)
    expect(await set(viewer.userId, 'inactive')).toBeUndefined()
    expect(await set(person.userId, 'approved')).toBeUndefined()
    expect(await set(viewer.userId, 'approved')).toMatchObject(full)
  })
})
