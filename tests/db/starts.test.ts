import { describe, expect } from 'vitest'
import type { ScopeClaims } from '../../src/db/scope.ts'
import { insertRow, type Row, runAs } from './support/run.ts'
import { executionRow, furnish, type Tenant } from './support/tenant.ts'
import { test as base } from './support/two-companies.ts'

const test = base
  .extend('database', { scope: 'file' }, ({ clone }) => clone.open())
  .extend('tenant', ({ owner }) => furnish(owner))
  .extend('start', ({ database, tenant }) => (person: ScopeClaims, given: Partial<Start> = {}) => {
    const start = { ...plain(tenant), ...given }
    const values = [start.studio, start.template, start.content, start.origin, start.key]
    return runAs(database, person)(
      `select * from app.start_run($1, $2, $3, $4, null, null, '{}', 'hash', '[]', $5)`,
      values,
    )
  })

interface Start {
  studio: string
  template: string
  content: string
  origin: string
  key: string | null
}

const plain = ({ studioId, templateId, secret }: Tenant): Start => ({
  studio: studioId,
  template: templateId,
  content: secret,
  origin: 'manual',
  key: null,
})

describe('a run is started by one statement', () => {
  test('in the name of the person who asks, with its event, its record and its place in the quota', async ({
    owner,
    tenant,
    start,
  }) => {
    const [run] = await start(tenant.member)
    expect(run).toMatchObject({ company_id: tenant.id, status: 'pending', held_for: null, template_version: '1.0.0' })
    const written = `select e.user_id, e.source, e.counted_month is not null as is_counted, v.data ->> 'status' as event, a.user_id as recorded
      from workflow_executions e
      join execution_events v on v.execution_id = e.id
      join audit_logs a on a.resource_id = e.id
      where e.id = $1`
    const { userId } = tenant.member
    expect(await owner(written, [run?.['id']])).toEqual([
      { user_id: userId, source: 'manual', is_counted: true, event: 'pending', recorded: userId },
    ])
  })

  test('and by nobody who may not start it there', async ({ owner, tenant, start, companies: { theirs } }) => {
    const refused: Record<string, () => Promise<Row[]>> = {
      'a viewer': () => start(tenant.viewer),
      'another company': () => start(theirs.admin),
      'a member outside of a restricted studio': () => start(tenant.member, { studio: tenant.restrictedStudioId }),
      'a workflow of another company': () =>
        start(tenant.admin, { template: theirs.templateId, content: theirs.secret }),
      'a session that has ended': () => start({ ...tenant.admin, sessionId: theirs.admin.sessionId }),
    }
    const count = `select count(*)::int as runs from workflow_executions where company_id = any ($1)`
    const before = await owner(count, [[tenant.id, theirs.id]])
    for (const [who, ask] of Object.entries(refused)) expect(await ask(), who).toEqual([])
    expect(await owner(count, [[tenant.id, theirs.id]])).toEqual(before)
    expect(await start(tenant.admin, { studio: tenant.restrictedStudioId }), 'an admin enters it').toHaveLength(1)
  })

  test('only while the workflow holds what the input was checked against, and is on offer', async ({
    owner,
    tenant,
    start,
  }) => {
    expect(await start(tenant.member, { content: 'an older one' })).toEqual([])
    await owner('update workflow_templates set is_active = false where id = $1', [tenant.templateId])
    expect(await start(tenant.member)).toEqual([])
  })

  test('once for a key, and counted once', async ({ owner, tenant, start }) => {
    const counted = () =>
      owner('select sum(executions)::int as runs from company_usage where company_id = $1', [tenant.id])
    expect(await start(tenant.member, { key: 'once' })).toHaveLength(1)
    const before = await counted()
    expect(await start(tenant.member, { key: 'once' })).toEqual([])
    expect(await counted()).toEqual(before)
  })

  test('of which only who may start runs in the company hears that its key is used, wherever the run is', async ({
    database,
    tenant,
    start,
    companies: { theirs },
  }) => {
    await start(tenant.admin, { studio: tenant.restrictedStudioId, key: 'hidden' })
    const ask = async (person: ScopeClaims, key = 'hidden') =>
      (await runAs(database, person)('select app.is_key_used($1, $2) as told', [tenant.id, key]))[0]?.['told']
    expect(await ask(tenant.member)).toBe(true)
    expect(await ask(tenant.member, 'new')).toBe(false)
    for (const person of [tenant.viewer, theirs.admin]) expect(await ask(person)).toBe(false)
  })

  test('and passes for none of the worker’s', async ({ tenant, start }) => {
    await expect(start(tenant.member, { origin: 'schedule' })).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })
})

describe('listeners hear of a run', () => {
  test('from the database when its row is written, and from whoever starts it by that statement', async ({
    clone,
    database,
    tenant,
    start,
  }) => {
    const ear = await clone.connect(clone.ownerUrl)
    const heard: string[] = []
    ear.on('notification', ({ channel }) => heard.push(channel))
    for (const channel of ['studios_worker', 'studios_events']) await ear.query(`listen ${channel}`)
    await start(tenant.member)
    await ear.query('select 1')
    expect(heard).toEqual([])
    const row = executionRow(tenant.id, tenant.studioId, tenant.templateId, tenant.member)
    await insertRow(runAs(database, tenant.member), 'workflow_executions', row)
    await ear.query('select 1')
    expect(new Set(heard)).toEqual(new Set(['studios_events', 'studios_worker']))
  })
})
