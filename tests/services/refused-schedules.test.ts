import { describe, expect } from 'vitest'
import type { Run } from '../db/support/run.ts'
import type { Tenant } from '../db/support/tenant.ts'
import { test } from './clockwork.ts'

const at = (hour: number) => new Date(Date.UTC(2026, 2, 2, hour)).toISOString()
const hourly = { cron: '0 * * * *', timezone: 'UTC' }

/** What takes a run's acceptance away, and how the refusal is told. */
const obstacles: [string, (owner: Run, tenant: Tenant) => Promise<unknown>, string][] = [
  [
    'the person has left the company',
    (owner, { id, member }) =>
      owner(`update user_companies set status = 'inactive' where company_id = $1 and user_id = $2`, [
        id,
        member.userId,
      ]),
    'The person in whose name this run would start may not start workflows in this studio any more.',
  ],
  [
    'the person may only look on',
    (owner, { id, member }) =>
      owner(`update user_companies set role = 'viewer' where company_id = $1 and user_id = $2`, [id, member.userId]),
    'The person in whose name this run would start may not start workflows in this studio any more.',
  ],
  [
    'the studio is closed to the person',
    (owner, { studioId }) => owner(`update studios set access = 'restricted' where id = $1`, [studioId]),
    'The person in whose name this run would start may not start workflows in this studio any more.',
  ],
  [
    'the studio is archived',
    (owner, { studioId }) => owner('update studios set archived_at = now() where id = $1', [studioId]),
    'The studio is archived; no workflow can be started in it.',
  ],
  [
    'the company is suspended',
    (owner, { id }) => owner(`update companies set status = 'suspended' where id = $1`, [id]),
    'The company is suspended; no workflow can be started.',
  ],
  [
    'the workflow is withdrawn',
    (owner, { templateId }) => owner('update workflow_templates set is_active = false where id = $1', [templateId]),
    'The workflow is no longer offered.',
  ],
  [
    'the workflow asks for something else',
    (owner, { templateId }) =>
      owner(
        'update workflow_template_versions set input_schema = $2, content_hash = content_hash || $3 where template_id = $1',
        [templateId, { type: 'object', required: ['month'] }, 'b'],
      ),
    'The input no longer suits the workflow: input.month is needed.',
  ],
  [
    'its pattern cannot be read',
    (owner, { id }) => owner(`update workflow_schedules set cron = '* * * * *' where company_id = $1`, [id]),
    'The times of this schedule cannot be told any more; set them anew.',
  ],
]

describe('a schedule is switched off with the reason, and what came due is refused, when', () => {
  test.for(obstacles)('%s', async ([, hinder, reason], { fire, owner, schedules, tenant }) => {
    const id = await schedules.add(at(8), hourly)
    await hinder(owner, tenant)
    await fire(at(8))
    expect(await schedules.occurrences(id)).toEqual([{ dueAt: at(8), outcome: 'refused', reason, executionId: null }])
    expect(await schedules.find(id)).toMatchObject({ is_active: false, stopped_reason: reason, next_due_at: '' })
    expect(await schedules.runs()).toEqual([])
    const told = `select actor from audit_logs where resource_id = $1 and changes ? 'stopped_reason' and action = 'update'`
    expect(await owner(told, [id])).toEqual([{ actor: 'worker' }])
  })
})

describe('when a schedule is refused', () => {
  test('those that wait behind the one refused are skipped', async ({ fire, owner, schedules, tenant }) => {
    const id = await schedules.add(at(8), { ...hourly, overlap: 'queue' })
    for (const hour of [8, 9, 10]) await fire(at(hour))
    await owner('update studios set archived_at = now() where id = $1', [tenant.studioId])
    await schedules.endRuns()
    await fire(at(11))
    const rows = await schedules.occurrences(id)
    expect(rows.map(({ outcome }) => outcome)).toEqual(['started', 'refused', 'skipped', 'skipped'])
    expect(rows[3]).toMatchObject({ dueAt: at(11), reason: 'The schedule was switched off.' })
  })

  test('and the worker is killed before it has said so, the next one does', async ({
    fire,
    owner,
    schedules,
    tenant,
  }) => {
    const id = await schedules.add(at(8), hourly)
    await owner('update studios set archived_at = now() where id = $1', [tenant.studioId])
    await fire(at(8), { isKilled: true })
    expect(await schedules.occurrences(id)).toEqual([])
    expect(await schedules.find(id)).toMatchObject({ is_active: true, next_due_at: at(8) })
    await fire(at(8))
    expect(await schedules.occurrences(id)).toMatchObject([{ dueAt: at(8), outcome: 'refused' }])
  })

  test('but was changed meanwhile, the change counts', async ({ fire, owner, schedules, tenant }) => {
    const id = await schedules.add(at(8), hourly)
    const closed = 'update studios set archived_at = now() where id = $1'
    await owner(closed, [tenant.studioId])
    await fire(at(8), {
      meanwhile: async () => {
        await owner('update studios set archived_at = null where id = $1', [tenant.studioId])
        await owner(`update workflow_schedules set name = 'Changed' where id = $1`, [id])
      },
    })
    expect(await schedules.occurrences(id)).toMatchObject([{ dueAt: at(8), outcome: 'started' }])
  })

  test('others go on, of the same company and of all', async ({ fire, owner, schedules, tenant }) => {
    const refused = await schedules.add(at(8), hourly)
    const fine = await schedules.add(at(8), hourly)
    await owner('update workflow_schedules set user_id = $2 where id = $1', [fine, tenant.admin.userId])
    await owner(`update user_companies set status = 'inactive' where company_id = $1 and user_id = $2`, [
      tenant.id,
      tenant.member.userId,
    ])
    await fire(at(8))
    expect(await schedules.occurrences(refused)).toMatchObject([{ outcome: 'refused' }])
    expect(await schedules.occurrences(fine)).toMatchObject([{ outcome: 'started' }])
  })

  test('the month’s runs are not counted down for it', async ({ fire, owner, schedules, tenant }) => {
    await schedules.add(at(8), hourly)
    const used = () =>
      owner('select sum(executions)::int as runs from company_usage where company_id = $1', [tenant.id])
    const before = await used()
    await owner('update studios set archived_at = now() where id = $1', [tenant.studioId])
    await fire(at(8))
    expect(await used()).toEqual(before)
  })
})

describe('a schedule that a person has switched off', () => {
  test('neither comes due nor starts what waits', async ({ fire, owner, schedules }) => {
    const id = await schedules.add(at(8), { ...hourly, overlap: 'queue' })
    for (const hour of [8, 9]) await fire(at(hour))
    await owner('update workflow_schedules set is_active = false where id = $1', [id])
    await fire(at(10))
    const rows = await schedules.occurrences(id)
    expect(rows.map(({ outcome }) => outcome)).toEqual(['started', 'skipped'])
    expect(rows[1]?.reason).toBe('The schedule was switched off before its turn came.')
  })
})
