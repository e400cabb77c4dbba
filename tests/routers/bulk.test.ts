import { describe, expect } from 'vitest'
import { catalogPlace, placeIn, test } from '../support/turns.ts'
import { alreadyThere, faultyPaths, needsRole, notNow, refusal, unseen } from './refusal.ts'

const nobody = '00000000-0000-4000-8000-000000000000'
const none = { pending: 0, held: 0, running: 0, paused: 0, succeeded: 0, failed: 0, cancelled: 0 }

describe('looking at what a bulk operation would do', () => {
  test('counts the runs that the filter means, by status, and those that the action can be done to', async ({
    world,
  }) => {
    const { company, companyId, studioId, addRuns } = await catalogPlace(world)
    await addRuns(2)
    await addRuns(3, { status: 'failed' })
    await addRuns(1, { status: 'failed', retryCount: 3 })
    await addRuns(1, { status: 'succeeded' })
    await addRuns(1, { status: 'running' })
    const { preview } = company.viewer.api.bulk
    const counts = { total: 8, byStatus: { ...none, pending: 2, failed: 4, succeeded: 1, running: 1 }, largest: 10_000 }
    const all = { companyId, filter: {} }
    expect(await preview.mutate({ ...all, action: 'retry' })).toEqual({ ...counts, applicable: 3 })
    expect(await preview.mutate({ ...all, action: 'replay' })).toEqual({ ...counts, applicable: 5 })
    expect(await preview.mutate({ ...all, action: 'cancel' })).toEqual({ ...counts, applicable: 3 })
    const failed = { companyId, action: 'retry' as const, filter: { studioId, status: 'failed' as const } }
    expect(await preview.mutate(failed)).toMatchObject({ total: 4, applicable: 3, byStatus: { ...none, failed: 4 } })
  })

  test('each condition of a filter narrows it, and all have to hold', async ({ world }) => {
    const { company, companyId, studioId, templateId, addRuns } = await catalogPlace(world)
    const [oldest = '', middle = '', newest = ''] = await addRuns(3, { status: 'failed', failureKind: 'timeout' })
    const { createdAt } = await company.admin.api.executions.byId.query({ executionId: middle })
    const { rows } = await world.stack.owner.query('select id from failure_groups where company_id = $1', [companyId])
    const meant = async (filter: Parameters<typeof company.admin.api.bulk.preview.mutate>[0]['filter']) =>
      (await company.viewer.api.bulk.preview.mutate({ companyId, action: 'retry', filter })).total
    expect(await meant({ studioId })).toBe(3)
    expect(await meant({ studioId: nobody })).toBe(0)
    expect(await meant({ templateId })).toBe(3)
    expect(await meant({ templateId: nobody })).toBe(0)
    expect(await meant({ failureKind: 'timeout' })).toBe(3)
    expect(await meant({ failureKind: 'lost' })).toBe(0)
    expect(await meant({ failureGroupId: rows[0].id })).toBe(3)
    expect(await meant({ failureGroupId: nobody })).toBe(0)
    expect(await meant({ source: 'manual' })).toBe(3)
    expect(await meant({ source: 'schedule' })).toBe(0)
    expect(await meant({ createdFrom: createdAt })).toBe(2)
    expect(await meant({ createdBefore: createdAt })).toBe(1)
    expect(await meant({ createdFrom: createdAt, createdBefore: createdAt })).toBe(0)
    expect(await meant({ executionIds: [oldest, newest, nobody] })).toBe(2)
    expect(await meant({ withoutReplay: true })).toBe(3)
  })

  test('takes a thousand runs by their ids', async ({ world }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    const [run = ''] = await addRuns(1)
    const executionIds = [run, ...Array.from({ length: 999 }, () => crypto.randomUUID())]
    const input = { companyId, action: 'cancel' as const, filter: { executionIds } }
    expect(await company.viewer.api.bulk.preview.mutate(input)).toMatchObject({ total: 1, applicable: 1 })
  })

  test('another company sees nothing, and a filter that makes no sense is named', async ({ world }) => {
    const [{ company, companyId, addRuns }, other] = await Promise.all([catalogPlace(world), world.company()])
    const runs = await addRuns(2)
    const theirs = { companyId, action: 'cancel' as const, filter: {} }
    expect(await refusal(other.admin.api.bulk.preview.mutate(theirs))).toMatchObject(unseen)
    const named = { companyId: other.id, action: 'cancel' as const, filter: { executionIds: runs } }
    expect(await other.admin.api.bulk.preview.mutate(named)).toMatchObject({ total: 0, byStatus: none })
    const { preview } = company.viewer.api.bulk
    const wrong = {
      companyId,
      action: 'delete' as never,
      filter: { executionIds: [], createdFrom: '0000-01-01T00:00:00Z' },
    }
    expect(await faultyPaths(preview.mutate(wrong))).toEqual(['action', 'filter.createdFrom', 'filter.executionIds'])
  })
})

describe('starting a bulk operation', () => {
  test('notes the runs in the order in which they were created, and does nothing itself', async ({ world }) => {
    const { company, companyId, studioId, addRuns } = await catalogPlace(world)
    const runs = await addRuns(3)
    const { api, userId } = company.member
    const request = { companyId, action: 'cancel' as const, filter: { studioId }, expectedCount: 3 }
    const operation = await api.bulk.start.mutate(request)
    const counts = { total: 3, waiting: 3, done: 0, refused: 0, skipped: 0 }
    const person = { userId, userName: 'Member One' }
    const asked = { companyId, action: 'cancel', filter: { studioId }, options: {} }
    expect(operation).toMatchObject({ ...asked, ...counts, ...person, status: 'running', completedAt: null })
    const { items } = await company.viewer.api.bulk.items.query({ companyId, operationId: operation.id })
    const waiting = { verdict: 'waiting', message: null, newExecutionId: null, decidedAt: null }
    expect(items).toEqual(runs.map((executionId, n) => ({ ordinal: n + 1, executionId, studioId, ...waiting })))
    expect(await company.viewer.api.bulk.byId.query({ companyId, operationId: operation.id })).toEqual(operation)
    expect((await api.executions.list.query({ companyId, status: 'pending' })).items).toHaveLength(3)
  })

  test('is refused for another number of runs than expected, and leaves nothing behind', async ({ world }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    await addRuns(2)
    const start = company.member.api.bulk.start.mutate({ companyId, action: 'cancel', filter: {}, expectedCount: 5 })
    const told = { ...alreadyThere, message: expect.stringMatching(/expected 5 runs and there are 2/) }
    expect(await refusal(start)).toMatchObject(told)
    expect((await company.member.api.bulk.list.query({ companyId })).items).toEqual([])
  })

  test('is refused for no runs, and for more than ten thousand', async ({ world }) => {
    const { company, companyId, studioId, templateId, userId } = await catalogPlace(world)
    const start = () => company.member.api.bulk.start.mutate({ companyId, action: 'retry', filter: {} })
    expect(await refusal(start())).toMatchObject({ ...notNow, message: expect.stringContaining('nothing to do') })
    const { owner } = world.stack
    // Without the triggers: ten thousand runs would take too long one by one.
    await owner.query('set session_replication_role = replica')
    await owner.query(
      `insert into workflow_executions (company_id, studio_id, template_id, template_version, user_id, input_data, input_hash)
       select $1, $2, t.id, t.version, $4, '{}', 'none' from workflow_templates t, generate_series(1, 10001) where t.id = $3`,
      [companyId, studioId, templateId, userId],
    )
    await owner.query('reset session_replication_role')
    expect(await refusal(start())).toMatchObject({ ...notNow, message: expect.stringContaining('more than 10,000') })
    expect((await company.member.api.bulk.list.query({ companyId })).items).toEqual([])
  })

  test('needs a member of the company', async ({ world }) => {
    const [{ company, companyId, addRuns }, other] = await Promise.all([catalogPlace(world), world.company()])
    await addRuns(1)
    const input = { companyId, action: 'cancel' as const, filter: {} }
    expect(await refusal(company.viewer.api.bulk.start.mutate(input))).toMatchObject(needsRole('member'))
    expect(await refusal(other.admin.api.bulk.start.mutate(input))).toMatchObject(unseen)
  })

  test('takes options only for the action that knows them, and only what can be kept', async ({ world }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    await addRuns(1)
    const start = (
      action: 'retry' | 'replay' | 'cancel',
      options: { from?: 'start'; input?: Record<string, unknown> },
    ) => company.member.api.bulk.start.mutate({ companyId, action, filter: {}, options })
    expect(await faultyPaths(start('cancel', { from: 'start' }))).toEqual(['options.from'])
    expect(await faultyPaths(start('retry', { input: {} }))).toEqual(['options.input'])
    expect(await faultyPaths(start('replay', { input: { data: 'a\0b' } }))).toEqual(['options.input.data'])
  })

  test('takes of a restricted studio only what the person who starts it may enter', async ({ world }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    const hidden = await placeIn(world, company, 'restricted')
    const [open] = await addRuns(1)
    const [secret] = await hidden.addRuns(1)
    const input = { companyId, action: 'cancel' as const, filter: {} }
    const executionsOf = async (person: typeof company.admin) => {
      const { id: operationId } = await person.api.bulk.start.mutate(input)
      return (await person.api.bulk.items.query({ companyId, operationId })).items.map((item) => item.executionId)
    }
    expect(await executionsOf(company.member)).toEqual([open])
    expect(await executionsOf(company.admin)).toEqual([open, secret])
  })
})
