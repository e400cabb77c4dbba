import { describe, expect } from 'vitest'
import { insertRow, type Row, refusalOf, runAs } from './support/run.ts'
import { executionRow, type Tenant } from './support/tenant.ts'
import { test as base } from './support/two-companies.ts'
import { operationRow } from './support/work.ts'

const test = base.extend('database', { scope: 'file' }, ({ clone }) => clone.open())

const itemRow = ({ id, studioId }: Tenant, operationId: unknown, executionId: unknown): Row => ({
  ...{ company_id: id, operation_id: operationId, studio_id: studioId, execution_id: executionId, ordinal: 9 },
})

describe('a bulk operation, whatever SQL its company runs', () => {
  test('takes runs from the person who started it alone, each under its studio and not yet decided', async ({
    owner,
    database,
    companies: { ours },
  }) => {
    const run = runAs(database, ours.member)
    const { id: own } = await insertRow(run, 'bulk_operations', operationRow(ours.id, ours.member))
    const fresh = executionRow(ours.id, ours.studioId, ours.templateId, ours.member)
    const { id: execution } = await insertRow(run, 'workflow_executions', fresh)
    const refused = { state: 'ST001' }
    const put = (row: Row) => refusalOf(insertRow(run, 'bulk_items', row))
    expect(await put(itemRow(ours, ours.operationId, execution))).toMatchObject(refused)
    expect(await put(itemRow(ours, own, ours.restrictedExecutionId))).toMatchObject(refused)
    expect(await put({ ...itemRow(ours, own, execution), verdict: 'done' })).toMatchObject(refused)
    expect(await put({ ...itemRow(ours, own, execution), new_execution_id: execution })).toMatchObject(refused)
    expect(await put(itemRow(ours, own, execution))).toBeUndefined()
    await owner(`update bulk_operations set status = 'aborted' where id = $1`, [own])
    const late = await insertRow(run, 'workflow_executions', fresh)
    expect(await put({ ...itemRow(ours, own, late['id']), ordinal: 10 })).toMatchObject(refused)
  })

  test('is finished by the worker alone, and does not begin anew', async ({ owner, database, companies: { ours } }) => {
    const run = runAs(database, ours.admin)
    const begun = operationRow(ours.id, ours.admin)
    const done = refusalOf(insertRow(run, 'bulk_operations', { ...begun, status: 'finished' }))
    expect(await done).toMatchObject({ state: 'ST001' })
    const { id } = await insertRow(run, 'bulk_operations', begun)
    const become = (status: string) => run(`update bulk_operations set status = '${status}' where id = $1`, [id])
    expect(await refusalOf(become('finished'))).toMatchObject({ state: 'ST001' })
    await run(`update bulk_operations set completed_at = '2001-01-01' where id = $1`, [id])
    expect(await owner('select completed_at from bulk_operations where id = $1', [id])).toEqual([
      { completed_at: null },
    ])
    await become('aborted')
    for (const status of ['running', 'finished'])
      expect(await refusalOf(become(status))).toMatchObject({
        state: 'ST003',
        text: expect.stringContaining('was aborted'),
      })
    const told = 'select completed_at is not null as ended from bulk_operations where id = $1'
    expect(await owner(told, [id])).toEqual([{ ended: true }])
  })

  test('that is aborted skips what waits in every studio and leaves what was decided', async ({
    owner,
    database,
    companies: { ours },
  }) => {
    const { id } = await insertRow(owner, 'bulk_operations', operationRow(ours.id, ours.admin))
    await insertRow(owner, 'bulk_items', { ...itemRow(ours, id, ours.executionId), ordinal: 1, verdict: 'done' })
    const restricted = { studio_id: ours.restrictedStudioId, ordinal: 2 }
    await insertRow(owner, 'bulk_items', { ...itemRow(ours, id, ours.restrictedExecutionId), ...restricted })
    await runAs(database, ours.member)(`update bulk_operations set status = 'aborted' where id = $1`, [id])
    const items =
      'select verdict, decided_at is not null as decided from bulk_items where operation_id = $1 order by ordinal'
    expect(await owner(items, [id])).toEqual([
      { verdict: 'done', decided: false },
      { verdict: 'skipped', decided: true },
    ])
  })
})

describe('a cause of failures, whatever SQL its company runs', () => {
  test('tells truly when it was last changed, and has no owner from outside', async ({
    owner,
    database,
    companies,
  }) => {
    const { ours, theirs } = companies
    const run = runAs(database, ours.member)
    const change = (what: string, values: unknown[] = []) =>
      run(`update failure_groups set ${what} where company_id = '${ours.id}'`, values)
    const told = () => owner('select state, owner_id, changed_at from failure_groups where company_id = $1', [ours.id])
    await change(`changed_at = '2001-01-01'`)
    expect(await told()).toEqual([{ state: 'open', owner_id: null, changed_at: null }])
    expect(await refusalOf(change('owner_id = $1', [theirs.admin.userId]))).toMatchObject({ state: 'ST003' })
    await change(`owner_id = $1, changed_at = '2001-01-01'`, [ours.viewer.userId])
    const [group] = await told()
    expect(group).toMatchObject({ owner_id: ours.viewer.userId, changed_at: expect.any(Date) })
    expect(new Date(String(group?.['changed_at'])).getFullYear()).toBeGreaterThan(2001)
  })
})
