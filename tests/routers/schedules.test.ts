import { describe, expect } from 'vitest'
import { nextTimes } from '../../src/services/workflows/schedule-times.ts'
import { ownWorld } from '../http/own-stack.ts'
import { test, type World } from '../support/world.ts'
import { allPages } from './lists.ts'
import { pipeline } from './pipeline-runs.ts'
import { faultyPaths, needsRole, notNow, refusal, unseen } from './refusal.ts'

const nothing = '00000000-0000-4000-8000-000000000000'

/** A company with a schedule of its member's, and what another one is made from. */
async function scheduled(world: World) {
  const { company, studioId, templateId, input } = await pipeline(world)
  const fields = { studioId, templateId, name: 'Weekly pipeline', cron: '30 8 * * 1', timezone: 'Europe/Berlin', input }
  const schedule = await company.member.api.schedules.create.mutate(fields)
  return { company, fields, schedule, key: { companyId: company.id, scheduleId: schedule.id } }
}

describe('setting up a schedule', () => {
  test('a member does, and everybody in the company finds it with its next five times', async ({ world }) => {
    const { company, fields, schedule, key } = await scheduled(world)
    const { input, ...shown } = fields
    const upcoming = nextTimes(fields, new Date(), 5)
    const rest = { overlap: 'skip', isActive: true, stoppedReason: null, nextDueAt: upcoming[0] }
    expect(schedule).toMatchObject({ ...shown, ...rest, companyId: company.id, userId: company.member.userId })
    expect(schedule.templateName).toBe('Deal Pipeline Analysis')
    const { schedules } = company.viewer.api
    expect(await schedules.byId.query(key)).toEqual({ ...schedule, input, upcoming })
    expect(await schedules.list.query({ companyId: company.id })).toEqual({ items: [schedule], nextCursor: null })
    expect(await schedules.occurrences.query(key)).toEqual({ items: [], nextCursor: null })
  })

  test('another company neither sees a schedule nor sets one up in a foreign studio', async ({ world }) => {
    const [{ company, fields, key }, other] = await Promise.all([scheduled(world), world.company()])
    const { schedules } = other.admin.api
    const theirs = { ...key, companyId: other.id }
    const { list, create, byId, update, remove, occurrences } = schedules
    expect(await refusal(create.mutate(fields))).toMatchObject(unseen)
    expect(await refusal(list.query({ companyId: company.id }))).toMatchObject(unseen)
    for (const foreign of [key, theirs]) {
      expect(await refusal(byId.query(foreign))).toMatchObject(unseen)
      expect(await refusal(update.mutate({ ...foreign, isActive: false }))).toMatchObject(unseen)
      expect(await refusal(remove.mutate(foreign))).toMatchObject(unseen)
      expect(await refusal(occurrences.query(foreign))).toMatchObject(unseen)
    }
    expect((await list.query({ companyId: other.id, studioId: fields.studioId })).items).toEqual([])
    expect(await company.member.api.schedules.byId.query(key)).toMatchObject({ isActive: true })
  })

  test('a viewer sets up, changes and removes nothing and is told which role can', async ({ world }) => {
    const { company, fields, key } = await scheduled(world)
    const { create, update, remove } = company.viewer.api.schedules
    const needed = needsRole('member')
    expect(await refusal(create.mutate(fields))).toMatchObject(needed)
    expect(await refusal(update.mutate({ ...key, isActive: false }))).toMatchObject(needed)
    expect(await refusal(remove.mutate(key))).toMatchObject(needed)
  })

  test('times that cannot be are refused, naming the rule', async ({ world }) => {
    const { company, fields } = await scheduled(world)
    const { create } = company.member.api.schedules
    const rules = [
      [{ cron: '0 30 8 * * 1' }, 'seconds are not taken'],
      [{ cron: '@daily' }, 'must have five fields'],
      [{ cron: '* * * * *' }, 'at least 5 minutes between two occurrences'],
      [{ cron: '0 8 31 2 *' }, 'never comes due'],
      [{ cron: '0 25 * * *' }, 'is not a time pattern'],
      [{ timezone: 'Europe/Sampleton' }, 'IANA name'],
      [{ timezone: '+02:00' }, 'IANA name'],
    ] as const
    for (const [fault, rule] of rules) {
      const { code, issues } = await refusal(create.mutate({ ...fields, ...fault }))
      expect([code, issues]).toEqual([
        'BAD_REQUEST',
        [{ path: Object.keys(fault)[0], message: expect.stringContaining(rule) }],
      ])
    }
  })

  test('every fault of its form and of the run’s input is listed with its place', async ({ world }) => {
    const { company, fields } = await scheduled(world)
    const { create } = company.member.api.schedules
    expect(await faultyPaths(create.mutate({ ...fields, input: { topN: 0 } }))).toEqual(['input', 'input.topN'])
    const shapeless = { ...fields, studioId: 'ours', name: 'x', overlap: 'wait', input: [] }
    // @ts-expect-error neither the rule nor the input is of its kind
    expect(await faultyPaths(create.mutate(shapeless))).toEqual(['input', 'name', 'overlap', 'studioId'])
    const noWorkflow = create.mutate({ ...fields, templateId: nothing })
    expect(await refusal(noWorkflow)).toMatchObject({ ...unseen, message: expect.stringContaining('workflow') })
  })

  test('is refused in an archived studio, and to the hundred and first', async ({ world }) => {
    const { company, fields } = await scheduled(world)
    const { create } = company.admin.api.schedules
    const more = `insert into workflow_schedules (company_id, studio_id, template_id, user_id, name, cron, timezone, input_data, is_active)
      select company_id, studio_id, template_id, user_id, name, cron, timezone, input_data, false
      from workflow_schedules, generate_series(1, 99) where company_id = $1`
    await world.stack.owner.query(more, [company.id])
    expect(await refusal(create.mutate(fields))).toMatchObject({ code: 'QUOTA_EXCEEDED', httpStatus: 402 })
    await world.stack.owner.query('delete from workflow_schedules where company_id = $1', [company.id])
    await company.admin.api.studios.archive.mutate({ studioId: fields.studioId })
    expect(await refusal(create.mutate(fields))).toMatchObject(notNow)
  })
})

describe('listing schedules', () => {
  test('the list is filtered and goes through all pages, each schedule exactly once', async ({ world }) => {
    const { company, fields, schedule } = await scheduled(world)
    const { create, list } = company.member.api.schedules
    const off = await create.mutate({ ...fields, isActive: false })
    expect(off).toMatchObject({ isActive: false, nextDueAt: null })
    const third = await create.mutate(fields)
    const all = { companyId: company.id, studioId: fields.studioId, templateId: fields.templateId }
    const pages = await allPages((cursor) => list.query({ ...all, limit: 1, ...cursor }))
    expect(pages).toEqual([third, off, schedule])
    expect((await list.query({ ...all, isActive: false })).items).toEqual([off])
    expect((await list.query({ ...all, templateId: nothing })).items).toEqual([])
    expect(await faultyPaths(list.query({ ...all, cursor: 'made up' }))).toEqual(['cursor'])
  })

  test('schedules of a restricted studio are hidden with it', async ({ world }) => {
    const { company, fields, key } = await scheduled(world)
    await company.admin.api.studios.update.mutate({ studioId: fields.studioId, access: 'restricted' })
    const { schedules } = company.member.api
    expect((await schedules.list.query({ companyId: company.id })).items).toEqual([])
    expect(await refusal(schedules.byId.query(key))).toMatchObject(unseen)
    expect(await refusal(schedules.occurrences.query(key))).toMatchObject(unseen)
    expect(await refusal(schedules.remove.mutate(key))).toMatchObject(unseen)
    expect(await company.admin.api.schedules.byId.query(key)).toMatchObject({ id: key.scheduleId })
  })

  test('what became of its due times goes through all pages, newest first', async ({ world }) => {
    const { company, key } = await scheduled(world)
    await world.stack.owner.query(
      `insert into schedule_occurrences (company_id, schedule_id, studio_id, due_at, outcome, reason)
       select company_id, id, studio_id, '2026-01-01'::timestamptz + n * interval '1 day', 'skipped', 'Test' from workflow_schedules, generate_series(0, 4) n where id = $1`,
      [key.scheduleId],
    )
    const { occurrences } = company.viewer.api.schedules
    const all = await allPages((cursor) => occurrences.query({ ...key, limit: 2, ...cursor }))
    expect(all.map(({ dueAt }) => dueAt.slice(0, 10))).toEqual(
      ['05', '04', '03', '02', '01'].map((day) => `2026-01-${day}`),
    )
    expect(all[0]).toMatchObject({ outcome: 'skipped', reason: 'Test', executionId: null })
    expect(await faultyPaths(occurrences.query({ ...key, limit: 0 }))).toEqual(['limit'])
  })
})

describe('changing a schedule', () => {
  test('takes what is given and leaves the rest, and goes on by the new times', async ({ world }) => {
    const { company, schedule, key } = await scheduled(world)
    const { update, byId } = company.member.api.schedules
    expect(await update.mutate({ ...key, name: 'Pipeline' })).toEqual({ ...schedule, name: 'Pipeline' })
    const times = { cron: '0 7 1 * *', timezone: 'America/New_York' }
    const changed = await update.mutate({ ...key, ...times, overlap: 'queue', input: { data: 'a\n1\n' } })
    const upcoming = nextTimes(times, new Date(), 5)
    expect(changed).toMatchObject({ ...times, overlap: 'queue', nextDueAt: upcoming[0] })
    expect(await byId.query(key)).toMatchObject({ input: { data: 'a\n1\n' }, upcoming })
  })

  test('by another member makes it theirs, but not its name or switching it off', async ({ world }) => {
    const { company, fields, key } = await scheduled(world)
    const { member, admin } = company
    const nameOf = async (change: object) => (await admin.api.schedules.update.mutate({ ...key, ...change })).userId
    expect(await nameOf({ name: 'Renamed' })).toBe(member.userId)
    expect(await nameOf({ isActive: false })).toBe(member.userId)
    expect(await nameOf({ isActive: true })).toBe(admin.userId)
    expect(await member.api.schedules.update.mutate({ ...key, input: { data: 'a\n' } })).toMatchObject({
      userId: member.userId,
    })
    expect(await nameOf({ cron: fields.cron, input: { data: 'a\n' } })).toBe(member.userId)
    expect(await nameOf({ timezone: 'UTC' })).toBe(admin.userId)
  })

  test('switched on again goes on from now, and what stopped it is forgotten', async ({ world }) => {
    const { company, fields, key } = await scheduled(world)
    const { update, byId } = company.member.api.schedules
    await update.mutate({ ...key, isActive: false })
    expect(await byId.query(key)).toMatchObject({ isActive: false, nextDueAt: null, upcoming: [] })
    await world.stack.owner.query(`update workflow_schedules set stopped_reason = 'Test' where id = $1`, [
      key.scheduleId,
    ])
    expect(await update.mutate({ ...key, name: 'Still off' })).toMatchObject({ stoppedReason: 'Test', nextDueAt: null })
    const on = await update.mutate({ ...key, isActive: true })
    expect(on).toMatchObject({ isActive: true, stoppedReason: null, nextDueAt: nextTimes(fields, new Date(), 1)[0] })
  })

  test('leaves a time that has come already to the worker', async () => {
    const withoutWorker = await ownWorld({ ROLE: 'api' })
    const { company, key } = await scheduled(withoutWorker)
    const { update } = company.member.api.schedules
    const [dueAt, times] = ['2026-01-05T07:30:00.000Z', { cron: '0 7 1 * *', timezone: 'UTC' }]
    await withoutWorker.stack.owner.query('update workflow_schedules set next_due_at = $2 where id = $1', [
      key.scheduleId,
      dueAt,
    ])
    expect(await update.mutate({ ...key, ...times })).toMatchObject({ ...times, nextDueAt: dueAt })
    await update.mutate({ ...key, isActive: false })
    expect(await update.mutate({ ...key, isActive: true })).toMatchObject({
      nextDueAt: nextTimes(times, new Date(), 1)[0],
    })
  })

  test('is checked as setting it up is', async ({ world }) => {
    const { company, key } = await scheduled(world)
    const { update } = company.member.api.schedules
    expect(await faultyPaths(update.mutate({ ...key, cron: '*/2 * * * *' }))).toEqual(['cron'])
    expect(await faultyPaths(update.mutate({ ...key, timezone: 'Nowhere' }))).toEqual(['timezone'])
    expect(await faultyPaths(update.mutate({ ...key, input: { topN: 'x' } }))).toEqual(['input', 'input.topN'])
    expect(await refusal(update.mutate({ ...key, scheduleId: nothing, isActive: false }))).toMatchObject(unseen)
  })

  test('cannot switch it on in an archived studio, nor with an input that no longer suits', async ({ world }) => {
    const { company, fields, key } = await scheduled(world)
    const { update } = company.admin.api.schedules
    await update.mutate({ ...key, isActive: false })
    await world.stack.owner.query(`update workflow_schedules set input_data = '{}' where id = $1`, [key.scheduleId])
    expect(await faultyPaths(update.mutate({ ...key, isActive: true }))).toEqual(['input'])
    await company.admin.api.studios.archive.mutate({ studioId: fields.studioId })
    expect(await refusal(update.mutate({ ...key, isActive: true, input: fields.input }))).toMatchObject(notNow)
  })
})

describe('removing a schedule', () => {
  test('is done once', async ({ world }) => {
    const { company, key } = await scheduled(world)
    const { remove, byId } = company.member.api.schedules
    expect(await remove.mutate(key)).toEqual(key)
    expect(await refusal(byId.query(key))).toMatchObject(unseen)
    expect(await refusal(remove.mutate(key))).toMatchObject(unseen)
    expect(await faultyPaths(remove.mutate({ ...key, scheduleId: 'it' }))).toEqual(['scheduleId'])
  })
})
