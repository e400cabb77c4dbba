import { describe, expect } from 'vitest'
import { enrol, signUp } from './support/people.ts'
import { insertRow, refusalOf, runAs } from './support/run.ts'
import { furnish } from './support/tenant.ts'
import { test as base } from './support/two-companies.ts'
import { scheduleRow } from './support/work.ts'

const test = base
  .extend('database', { scope: 'file' }, ({ clone }) => clone.open({ maxConnections: 8 }))
  .extend('tenant', ({ owner }) => furnish(owner))

describe('a company has at most a hundred schedules', () => {
  test('whoever adds them at the same moment', async ({ owner, database, tenant }) => {
    const { id, studioId, templateId, member, admin } = tenant
    for (let count = 1; count < 95; count += 1)
      await insertRow(owner, 'workflow_schedules', scheduleRow(id, studioId, templateId, admin))
    const adding = Array.from({ length: 12 }, (_, index) => {
      const person = index % 2 ? member : admin
      const row = scheduleRow(id, studioId, templateId, person)
      return refusalOf(insertRow(runAs(database, person), 'workflow_schedules', row))
    })
    const refusals = (await Promise.all(adding)).filter((refusal) => refusal !== undefined)
    expect(refusals).toEqual(Array.from({ length: 7 }, () => expect.objectContaining({ state: 'ST002' })))
    expect(await owner('select from workflow_schedules where company_id = $1', [id])).toHaveLength(100)
  })

  test('added by one statement', async ({ owner, database, tenant }) => {
    const { id, studioId, templateId, member } = tenant
    const many = `insert into workflow_schedules (company_id, studio_id, template_id, user_id, name, cron, timezone, input_data, next_due_at)
      select $1, $2, $3, $4, 'Weekly', '0 8 * * 1', 'UTC', '{}', '2999-01-01' from generate_series(1, 100)`
    const adding = runAs(database, member)(many, [id, studioId, templateId, member.userId])
    expect(await refusalOf(adding)).toMatchObject({ state: 'ST002' })
    expect(await owner('select from workflow_schedules where company_id = $1', [id])).toHaveLength(1)
  })
})

describe('a schedule', () => {
  test('runs in the name of whoever decides when and with what it runs', async ({ owner, database, tenant }) => {
    const { id, scheduleId, admin, member } = tenant
    const change = async (to: string) => {
      await owner('update workflow_schedules set user_id = $2 where id = $1', [scheduleId, admin.userId])
      const update = `update workflow_schedules set ${to} where company_id = $1 returning user_id`
      return (await runAs(database, member)(update, [id])).map((row) => row['user_id'])
    }
    const theirs = [`cron = '0 9 * * 1'`, `timezone = 'Europe/Berlin'`, `input_data = '{"n": 1}'`, `overlap = 'queue'`]
    for (const to of [...theirs, 'next_due_at = now()'])
      expect([to, ...(await change(to))]).toEqual([to, member.userId])
    const ours = [`name = 'Mine'`, 'is_active = false, next_due_at = null']
    for (const to of ours) expect([to, ...(await change(to))]).toEqual([to, admin.userId])
    expect(await change('is_active = true, next_due_at = now()')).toEqual([member.userId])
    const taken = `select from audit_logs where resource_id = $1 and user_id = $2 and changes -> 'user_id' ->> 'after' = $2::text`
    expect(await owner(taken, [scheduleId, member.userId])).toHaveLength(6)
  })

  test('cannot be given away, and is nobody’s to set up in another name', async ({ database, tenant }) => {
    const { id, studioId, templateId, scheduleId, admin, member } = tenant
    const forbidden = { state: '42501' }
    const give = runAs(database, member)('update workflow_schedules set user_id = $2 where id = $1', [
      scheduleId,
      admin.userId,
    ])
    expect(await refusalOf(give)).toMatchObject(forbidden)
    const row = scheduleRow(id, studioId, templateId, admin)
    expect(await refusalOf(insertRow(runAs(database, member), 'workflow_schedules', row))).toMatchObject(forbidden)
  })

  test('is neither added nor switched on in an archived studio or a suspended company', async ({
    owner,
    database,
    tenant,
  }) => {
    const { id, studioId, templateId, scheduleId, member } = tenant
    await owner('update workflow_schedules set is_active = false where id = $1', [scheduleId])
    const run = runAs(database, member)
    const add = () => refusalOf(insertRow(run, 'workflow_schedules', scheduleRow(id, studioId, templateId, member)))
    const switchOn = () => refusalOf(run('update workflow_schedules set is_active = true where id = $1', [scheduleId]))
    await owner('update studios set archived_at = now() where id = $1', [studioId])
    const archived = { state: 'ST003', text: expect.stringContaining('archived') }
    for (const refused of [await add(), await switchOn()]) expect(refused).toMatchObject(archived)
    await owner('update studios set archived_at = null where id = $1', [studioId])
    await owner(`update companies set status = 'suspended' where id = $1`, [id])
    const suspended = { state: 'ST003', text: expect.stringContaining('suspended') }
    for (const refused of [await add(), await switchOn()]) expect(refused).toMatchObject(suspended)
  })

  test('tells nothing of a company that is not the caller’s', async ({ owner, database, tenant }) => {
    const { id, studioId, templateId } = tenant
    await owner('update studios set archived_at = now() where id = $1', [studioId])
    const stranger = await signUp(owner)
    await enrol(owner, (await furnish(owner)).id, stranger, 'member')
    const row = scheduleRow(id, studioId, templateId, stranger)
    expect(await refusalOf(insertRow(runAs(database, stranger), 'workflow_schedules', row))).toMatchObject({
      state: '42501',
    })
  })
})
