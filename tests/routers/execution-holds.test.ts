import { describe, expect } from 'vitest'
import type { ExecutionEvent } from '../../src/contracts/executions.ts'
import { runToEnd } from '../support/runs.ts'
import { test, type World } from '../support/world.ts'
import { pipeline, stopDispatch } from './pipeline-runs.ts'
import { needsRole, notNow, refusal, unseen } from './refusal.ts'
import { becomes, statusesOf, watch } from './watching.ts'

async function waitingRun(world: World, options = {}) {
  const made = await pipeline(world)
  await stopDispatch(world, made.company.id, options)
  const { executionId } = await made.start()
  return { ...made, executionId, api: made.company.member.api.executions }
}

const allowRuns = (world: World, companyId: string, limits: string) =>
  world.stack.owner.query(`update company_limits set ${limits} where company_id = $1`, [companyId])

describe('pausing a run before its start', () => {
  test('keeps it until somebody resumes it', async ({ world }) => {
    const { company, api, executionId } = await waitingRun(world)
    expect(await api.pause.mutate({ executionId })).toMatchObject({ status: 'held', heldFor: 'person' })
    await allowRuns(world, company.id, 'max_concurrent_executions = 2')
    expect(await api.resume.mutate({ executionId })).toMatchObject({ status: 'pending', heldFor: null })
    expect((await runToEnd(company.member, executionId)).status).not.toBe('held')
    const events = await watch(company.viewer, executionId)
    expect(statusesOf(events).slice(0, 4)).toEqual(['pending', 'held', 'pending', 'running'])
  })

  test('is refused for who sees it only, and unseen by another company', async ({ world }) => {
    const [{ company, executionId }, other] = await Promise.all([waitingRun(world), world.company()])
    for (const verb of ['pause', 'resume', 'retry', 'replay'] as const) {
      const call = (api: typeof company.viewer.api) => api.executions[verb].mutate({ executionId })
      expect(await refusal(call(other.admin.api)), verb).toMatchObject(unseen)
      if (verb !== 'replay') expect(await refusal(call(company.viewer.api)), verb).toMatchObject(needsRole('member'))
    }
  })

  test('is refused twice, and for a run that has ended', async ({ world }) => {
    const { api, executionId } = await waitingRun(world)
    await api.pause.mutate({ executionId })
    expect(await refusal(api.pause.mutate({ executionId }))).toMatchObject(notNow)
    await api.resume.mutate({ executionId })
    expect(await refusal(api.resume.mutate({ executionId }))).toMatchObject(notNow)
    await api.cancel.mutate({ executionId })
    expect(await refusal(api.pause.mutate({ executionId }))).toMatchObject(notNow)
    expect(await refusal(api.retry.mutate({ executionId }))).toMatchObject(notNow)
  })

  test('of a run that waits for the quota leaves it waiting for the quota afterwards', async ({ world }) => {
    const { api, executionId } = await waitingRun(world, { runsAMonth: 0 })
    expect(await api.pause.mutate({ executionId })).toMatchObject({ status: 'held', heldFor: 'person' })
    expect(await api.resume.mutate({ executionId })).toMatchObject({ status: 'held', heldFor: 'quota' })
  })

  test('of a run that waits for the quota is told to who watches it, and so is the end of the pause', async ({
    world,
  }) => {
    const { company, api, executionId } = await waitingRun(world, { runsAMonth: 0 })
    const isPaused = (event: ExecutionEvent) => event.data['heldFor'] === 'person'
    const watching = watch(company.viewer, executionId, { until: isPaused })
    await api.pause.mutate({ executionId })
    const lastEventId = String((await watching).at(-1)?.id)
    await api.resume.mutate({ executionId })
    const [next] = await watch(company.viewer, executionId, { lastEventId, until: () => true })
    expect(next).toMatchObject({ type: 'status', data: { status: 'held', heldFor: 'quota' } })
  })
})

describe('runs over the quota', () => {
  test('go in the order in which they came once the quota allows, and none overtakes them', async ({ world }) => {
    const { company, start, executionId, api } = await waitingRun(world, { runsAMonth: 0 })
    const second = await start()
    await allowRuns(world, company.id, 'max_executions_per_month = 1')
    await watch(company.viewer, executionId, { until: becomes('pending') })
    const third = await start()
    const state = async (id: string) => (await api.byId.query({ executionId: id })).status
    expect([await state(second.executionId), await state(third.executionId)]).toEqual(['held', 'held'])
    await allowRuns(world, company.id, 'max_executions_per_month = 3, max_concurrent_executions = 1')
    const runs = [executionId, second.executionId, third.executionId]
    const ended = await Promise.all(runs.map((id) => runToEnd(company.member, id)))
    const startedAt = ended.map((run) => run.startedAt ?? '')
    expect(startedAt).toEqual(startedAt.toSorted((a, b) => a.localeCompare(b)))
    const { rows } = await world.stack.owner.query(
      'select sum(executions)::int as counted from company_usage where company_id = $1',
      [company.id],
    )
    expect(rows).toEqual([{ counted: 3 }])
  })
})

describe('the queue', () => {
  test('tells the place of each waiting run and when it is expected to start', async ({ world }) => {
    const { company, start, executionId, api } = await waitingRun(world)
    const { executionId: later } = await start()
    const queue = await company.viewer.api.executions.queue.query({ companyId: company.id })
    expect(queue).toMatchObject({ running: 0, concurrentLimit: 0, pending: 2, held: 0, usedThisMonth: 2 })
    expect(queue.items.map((item) => [item.executionId, item.place, item.expectedStartAt])).toEqual([
      [executionId, 1, null],
      [later, 2, null],
    ])
    await api.pause.mutate({ executionId })
    await allowRuns(world, company.id, 'max_executions_per_month = 2')
    const { executionId: overQuota } = await start()
    const own = await api.queue.query({ companyId: company.id, executionId: overQuota })
    const nextMonth = /^\d{4}-\d\d-01T00:00:00\.000Z$/
    expect(own.items).toMatchObject([
      { status: 'held', heldFor: 'quota', expectedStartAt: expect.stringMatching(nextMonth) },
    ])
  })

  test('expects of the runs over the quota no more in a month than a month allows', async ({ world }) => {
    const { company, start, api } = await waitingRun(world, { runsAMonth: 1 })
    const { executionId: paused } = await start()
    await api.pause.mutate({ executionId: paused })
    for (let run = 0; run < 4; run += 1) await start()
    const expected = async () => {
      const { items } = await api.queue.query({ companyId: company.id })
      return items.flatMap(({ heldFor, expectedStartAt }) => (heldFor === 'quota' ? [expectedStartAt] : []))
    }
    const now = new Date()
    const monthsLater = (months: number) =>
      new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months)).toISOString()
    expect(await expected()).toEqual([1, 2, 3, 4].map(monthsLater))
    await allowRuns(world, company.id, 'max_executions_per_month = 0')
    expect(await expected(), 'no month allows any').toEqual([null, null, null, null])
  })

  test('counts runs of a studio that the caller may not enter, and does not show them', async ({ world }) => {
    const { company, templateId, input, start } = await waitingRun(world)
    const hidden = await world.studio(company.admin, company.id, { access: 'restricted' })
    await company.admin.api.executions.start.mutate({ studioId: hidden.id, templateId, input })
    const { executionId } = await start()
    const { items, pending } = await company.member.api.executions.queue.query({ companyId: company.id })
    expect([pending, items.length, items.find((item) => item.executionId === executionId)?.place]).toEqual([3, 2, 3])
  })

  test('is unseen by another company and refuses what it cannot read', async ({ world }) => {
    const [{ company }, other] = await Promise.all([waitingRun(world), world.company()])
    const { queue } = other.admin.api.executions
    expect(await refusal(queue.query({ companyId: company.id }))).toMatchObject(unseen)
    expect(await refusal(queue.query({ companyId: other.id, limit: 0 }))).toMatchObject({ code: 'BAD_REQUEST' })
  })
})

describe('replaying a run', () => {
  test('starts a new one, linked to it, with the same input or an edited one', async ({ world }) => {
    const { company, api, executionId, input } = await waitingRun(world)
    expect(await refusal(api.replay.mutate({ executionId }))).toMatchObject(notNow)
    await api.cancel.mutate({ executionId })
    const { execution: same } = await api.replay.mutate({ executionId })
    expect(await api.byId.query({ executionId: same.id })).toMatchObject({
      source: 'replay',
      replayOf: executionId,
      inputData: input,
      userId: company.member.userId,
    })
    await api.cancel.mutate({ executionId: same.id })
    const edited = { data: 'opportunity_id,deal_stage\n2,Lost\n' }
    const { execution: other } = await api.replay.mutate({ executionId: same.id, input: edited })
    expect((await api.byId.query({ executionId: other.id })).inputData).toMatchObject(edited)
    const { rows } = await world.stack.owner.query('select cause from workflow_executions where id = $1', [other.id])
    expect(rows).toEqual([{ cause: { root: executionId, parent: same.id, depth: 2 } }])
  })

  test('is refused with an input that the workflow cannot take, for viewers, and happens once under one key', async ({
    world,
  }) => {
    const { company, api, executionId } = await waitingRun(world)
    await api.cancel.mutate({ executionId })
    expect(await refusal(api.replay.mutate({ executionId, input: { nothing: 1 } }))).toMatchObject({
      code: 'BAD_REQUEST',
    })
    const { replay } = company.viewer.api.executions
    expect(await refusal(replay.mutate({ executionId }))).toMatchObject(needsRole('member'))
    const again = () => api.replay.mutate({ executionId, idempotencyKey: 'again' })
    const [first, second] = [await again(), await again()]
    expect([first.isReplay, second.isReplay, second.execution.id]).toEqual([false, true, first.execution.id])
  })
})
