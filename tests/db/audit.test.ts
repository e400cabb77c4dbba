import { describe, expect } from 'vitest'
import { companyRow, signUp, unique } from './support/people.ts'
import { insertRow, type Run, refusalOf, runAs, runOn, transactAs } from './support/run.ts'
import { executionRow, studioRow } from './support/tenant.ts'
import { test as base } from './support/two-companies.ts'

const test = base.extend('database', { scope: 'file' }, ({ clone }) => clone.open())

const rowsOf = (owner: Run, requestId: string) =>
  owner(
    `select resource_type, action, actor, user_id, company_id, ip_address, user_agent, changes from audit_logs
     where request_id = $1 order by created_at, resource_type`,
    [requestId],
  )

describe('every change', () => {
  test('by a caller is recorded under the caller and the request', async ({ owner, database, companies: { ours } }) => {
    const { id, studioId, restrictedStudioId, templateId, admin, member } = ours
    const changes: Record<string, (run: Run) => Promise<unknown>> = {
      'companies update': (run) => run(`update companies set name = 'Renamed ${unique()}' where id = $1`, [id]),
      'studios insert': (run) => insertRow(run, 'studios', studioRow(id, admin, 'To be removed')),
      'studios update': (run) => run(`update studios set description = 'x' where id = $1`, [studioId]),
      'studios delete': (run) => run(`delete from studios where name = 'To be removed'`),
      'studio_members insert': (run) =>
        insertRow(run, 'studio_members', { company_id: id, studio_id: restrictedStudioId, user_id: member.userId }),
      'studio_members delete': (run) => run('delete from studio_members where user_id = $1', [member.userId]),
      'user_companies update': (run) =>
        run(`update user_companies set role = 'viewer' where user_id = $1`, [member.userId]),
      'workflow_executions insert': (run) =>
        insertRow(run, 'workflow_executions', executionRow(id, studioId, templateId, admin)),
      'workflow_executions update': (run) =>
        run(`update workflow_executions set status = 'cancelled' where status = 'pending'`),
    }
    for (const [change, make] of Object.entries(changes)) {
      const requestId = unique()
      await make(runAs(database, admin, requestId))
      const [resource_type, action] = change.split(' ')
      const origin = { ip_address: '192.0.2.1', user_agent: 'tests' }
      const recorded = { resource_type, action, actor: 'user', user_id: admin.userId, company_id: id, ...origin }
      expect(await rowsOf(owner, requestId), change).toEqual([expect.objectContaining(recorded)])
    }
  })

  test('of a new company is recorded with its founder’s membership, and of a profile without a company', async ({
    owner,
    database,
  }) => {
    const founder = await signUp(owner)
    const insert = companyRow(founder)
    const run = runAs(database, founder, 'founding')
    const places = Object.keys(insert).map((_, index) => `$${index + 1}`)
    await run(`insert into companies (${Object.keys(insert)}) values (${places})`, Object.values(insert))
    const recorded = await rowsOf(owner, 'founding')
    expect(recorded.map(({ resource_type }) => resource_type)).toEqual(['companies', 'user_companies'])
    await runAs(
      database,
      founder,
      'renaming',
    )(`update user_profiles set full_name = 'Renamed' where id = $1`, [founder.userId])
    expect(await rowsOf(owner, 'renaming')).toMatchObject([{ user_id: founder.userId, company_id: null }])
  })

  test('by the worker is recorded as the worker’s', async ({ clone, owner, companies: { ours } }) => {
    const worker = runOn(await clone.connect(clone.workerUrl))
    await worker(`update execution_attempts set error = 'Seen by the worker' where execution_id = $1`, [
      ours.executionId,
    ])
    const recorded = await owner(
      `select actor, user_id, changes from audit_logs where resource_type = 'execution_attempts' and action = 'update'
       and resource_id = $1`,
      [ours.executionId],
    )
    expect(recorded).toMatchObject([
      { actor: 'worker', user_id: null, changes: { error: { after: 'Seen by the worker' } } },
    ])
  })

  test('by the worker in somebody’s name is recorded with the name; a caller names nobody else', async ({
    clone,
    owner,
    database,
    companies: { ours },
  }) => {
    const { id, admin, member } = ours
    const worker = runOn(await clone.connect(clone.workerUrl))
    await worker('begin')
    await worker(`select set_config('app.in_name_of', $1, true)`, [member.userId])
    await worker(`update companies set contact_phone = '+1 555 0100' where id = $1`, [id])
    await worker('commit')
    await worker(`update companies set contact_phone = '+1 555 0101' where id = $1`, [id])
    await transactAs(database, admin, async (run) => {
      await run(`select set_config('app.in_name_of', $1, true)`, [member.userId])
      await run(`update companies set contact_phone = '+1 555 0102' where id = $1`, [id])
    })
    const recorded = await owner(
      `select actor, user_id, changes #>> '{contact_phone,after}' as phone from audit_logs
       where company_id = $1 and changes ? 'contact_phone' and action = 'update' order by phone`,
      [id],
    )
    expect(recorded).toEqual([
      { actor: 'worker', user_id: member.userId, phone: '+1 555 0100' },
      { actor: 'worker', user_id: null, phone: '+1 555 0101' },
      { actor: 'user', user_id: admin.userId, phone: '+1 555 0102' },
    ])
  })

  test('is recorded without what must not be kept, and not at all when it changes nothing', async ({
    owner,
    database,
    companies: { theirs },
  }) => {
    const [run] = await owner(
      `select changes from audit_logs where resource_type = 'workflow_executions' and action = 'insert' and resource_id = $1`,
      [theirs.executionId],
    )
    expect(run).toMatchObject({ changes: { input_data: '(not kept here)' } })
    const [attempt] = await owner(
      `select changes from audit_logs where resource_type = 'execution_attempts' and resource_id = $1`,
      [theirs.executionId],
    )
    expect(attempt).toMatchObject({ changes: { callback_secret_hash: '(not kept here)' } })
    await runAs(database, theirs.admin, 'nothing')('update studios set name = name')
    expect(await rowsOf(owner, 'nothing')).toEqual([])
  })

  test('of what a run takes and gives is recorded without it', async ({ clone, owner, companies: { ours } }) => {
    const worker = runOn(await clone.connect(clone.workerUrl))
    const { executionId } = ours
    const seen: unknown[] = []
    /** The records that a change leaves. */
    const recordsOf = async (run: Run, change: string) => {
      await run(`update workflow_executions set ${change} where id = $1`, [executionId])
      const records = await owner(
        `select id, actor, changes from audit_logs where resource_type = 'workflow_executions' and action = 'update'
         and resource_id = $1 and id <> all ($2::uuid[])`,
        [executionId, seen],
      )
      seen.push(...records.map(({ id }) => id))
      return records.map(({ actor, changes }) => ({ actor, changes }))
    }
    const notKept = '(not kept here)'
    await recordsOf(owner, 'output_data = null, minutes_saved = null')
    expect(await recordsOf(worker, `output_data = '{"is": "first"}'`)).toEqual([
      { actor: 'worker', changes: { output_data: notKept } },
    ])
    expect(await recordsOf(worker, `output_data = '{"is": "first"}', minutes_saved = 17`)).toEqual([
      { actor: 'worker', changes: { minutes_saved: { before: null, after: 17 } } },
    ])
    expect(await recordsOf(worker, `output_data = '{"is": "second"}'`)).toEqual([
      { actor: 'worker', changes: { output_data: notKept } },
    ])
    expect(await recordsOf(owner, 'input_data = input_data')).toEqual([])
    expect(await recordsOf(owner, `input_data = '{"is": "another"}'`)).toEqual([
      { actor: 'operator', changes: { input_data: notKept } },
    ])
    expect(await recordsOf(owner, 'output_data = null')).toEqual([
      { actor: 'operator', changes: { output_data: notKept } },
    ])
  })

  test('that is taken back leaves no record', async ({ owner, database, companies: { ours } }) => {
    const before = await owner('select count(*) from audit_logs')
    const failing = transactAs(database, ours.admin, async (run) => {
      await run(`update studios set description = 'Never'`)
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    expect(await owner('select count(*) from audit_logs')).toEqual(before)
  })
})

describe('a caller who hides', () => {
  // The policies read the claims before the last row is written and the audit afterwards.
  const vanishing = [
    `update studios set description = case when name = 'A first' then 'seen' else set_config('app.claims', '', true) end where name in ('A first', 'A second')`,
    `update studios set description = case when name = 'A second' then 'seen' else set_config('app.claims', '', true) end where name in ('A first', 'A second')`,
    `with away as materialized (select set_config('app.claims', '', true) as gone)
     update studios set description = 'unseen' || away.gone from away where name in ('A first', 'A second')`,
  ]

  test('by dropping the claims half-way changes nothing', async ({ owner, database, companies: { ours } }) => {
    for (const name of ['A first', 'A second']) await insertRow(owner, 'studios', studioRow(ours.id, ours.admin, name))
    const outcomes = []
    for (const statement of vanishing) outcomes.push(await refusalOf(runAs(database, ours.admin, 'hidden')(statement)))
    expect(await owner(`select from studios where description like '%seen%'`)).toEqual([])
    expect(await rowsOf(owner, 'hidden')).toEqual([])
    expect(outcomes).toContainEqual(expect.objectContaining({ text: expect.stringContaining('needs a caller') }))
  })

  test('behind broken request details changes nothing', async ({ owner, database, companies: { ours } }) => {
    const hidden = transactAs(database, ours.admin, async (run) => {
      await run(`select set_config('app.request', '{', true)`)
      await run(`update studios set description = 'hidden' where id = $1`, [ours.studioId])
    })
    await expect(hidden).rejects.toMatchObject({ code: '22P02' })
    expect(await owner(`select from studios where description = 'hidden'`)).toEqual([])
  })
})
