import { describe, expect } from 'vitest'
import { test, unique } from '../support/world.ts'
import { sorted } from './lists.ts'
import { pipeline, stopDispatch } from './pipeline-runs.ts'
import { faultyPaths, needsRole, notNow, refusal, unseen } from './refusal.ts'

const nothing = '00000000-0000-4000-8000-000000000000'

describe('starting a run', () => {
  test('a member starts a run, and everybody in the company finds it, with its defaults filled in', async ({
    world,
  }) => {
    const { company, studioId, templateId, input } = await pipeline(world)
    const { execution, isReplay } = await company.member.api.executions.start.mutate({ studioId, templateId, input })
    expect(isReplay).toBe(false)
    expect(execution).toMatchObject({ status: 'pending', source: 'manual', userId: company.member.userId, studioId })
    expect(execution.templateName).toBe('Deal Pipeline Analysis')
    const seen = await company.viewer.api.executions.byId.query({ executionId: execution.id })
    expect(seen.inputData).toEqual({ dateOrder: 'auto', topN: 50, ...input })
    const { items } = await company.viewer.api.executions.list.query({ companyId: company.id })
    expect(items.map(({ id }) => id)).toEqual([execution.id])
  })

  test('another company neither sees a run nor starts one in a foreign studio', async ({ world }) => {
    const [ours, theirs] = await Promise.all([pipeline(world), world.company()])
    const { executionId } = await ours.start()
    const { executions } = theirs.admin.api
    const { studioId, templateId, input } = ours
    expect(await refusal(executions.start.mutate({ studioId, templateId, input }))).toMatchObject(unseen)
    expect(await refusal(executions.byId.query({ executionId }))).toMatchObject(unseen)
    expect(await refusal(executions.logs.query({ executionId }))).toMatchObject(unseen)
    expect(await refusal(executions.cancel.mutate({ executionId }))).toMatchObject(unseen)
    expect(await refusal(executions.list.query({ companyId: ours.company.id }))).toMatchObject(unseen)
    expect((await executions.list.query({ companyId: theirs.id, studioId })).items).toEqual([])
  })

  test('a viewer starts and cancels nothing and is told which role can', async ({ world }) => {
    const { company, studioId, templateId, input, start } = await pipeline(world)
    const { executionId } = await start()
    const { executions } = company.viewer.api
    const needed = needsRole('member')
    expect(await refusal(executions.start.mutate({ studioId, templateId, input }))).toMatchObject(needed)
    expect(await refusal(executions.cancel.mutate({ executionId }))).toMatchObject(needed)
  })

  test('every fault of the form is listed with its place in the input', async ({ world }) => {
    const { company, studioId, templateId } = await pipeline(world)
    const { start } = company.member.api.executions
    const input = { topN: 0, dateOrder: 'backwards', wonStages: ['', 1], asOf: '2017-02-30', colour: 'red' }
    expect(await faultyPaths(start.mutate({ studioId, templateId, input }))).toEqual([
      'input',
      'input.asOf',
      'input.colour',
      'input.dateOrder',
      'input.topN',
      'input.wonStages.0',
      'input.wonStages.1',
    ])
    const shapeless = { studioId: 'ours', templateId: 'theirs', input: {}, idempotencyKey: '' }
    expect(await faultyPaths(start.mutate(shapeless))).toEqual(['idempotencyKey', 'studioId', 'templateId'])
  })

  test('characters that no database keeps are refused with their place', async ({ world }) => {
    const { company, studioId, templateId } = await pipeline(world)
    const { start } = company.member.api.executions
    const input = { data: 'deal\u0000,won', wonStages: ['Won', 'half a \ud83d'], columns: { 'age\u0000nt': 'x' } }
    expect(await faultyPaths(start.mutate({ studioId, templateId, input }))).toEqual([
      'input.columns.age\u0000nt',
      'input.data',
      'input.wonStages.1',
    ])
  })

  test('an input nested deeper than any form is refused', async ({ world }) => {
    const { company, studioId, templateId } = await pipeline(world)
    const deep = (levels: number) =>
      `{"templateId":"${templateId}","input":{"data":${'['.repeat(levels)}${']'.repeat(levels)}}}`
    for (const levels of [51, 50_000]) {
      const answer = await fetch(`${world.stack.url}/api/v1/studios/${studioId}/executions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${company.member.accessToken}`, 'content-type': 'application/json' },
        body: deep(levels),
      })
      expect(answer.status).toBe(400)
      expect(await answer.text()).toContain('nested deeper than 50 levels')
    }
  })

  test('a studio or workflow that is not there is named', async ({ world }) => {
    const { company, studioId, templateId, input } = await pipeline(world)
    const { start } = company.member.api.executions
    const noStudio = start.mutate({ studioId: nothing, templateId, input })
    expect(await refusal(noStudio)).toMatchObject({ ...unseen, message: expect.stringContaining('studio') })
    const noWorkflow = start.mutate({ studioId, templateId: nothing, input })
    expect(await refusal(noWorkflow)).toMatchObject({ ...unseen, message: expect.stringContaining('workflow') })
  })

  test('nothing starts in an archived studio or in a suspended company', async ({ world }) => {
    const [archived, suspended] = await Promise.all([pipeline(world), pipeline(world)])
    await archived.company.admin.api.studios.archive.mutate({ studioId: archived.studioId })
    await world.stack.owner.query(`update companies set status = 'suspended' where id = $1`, [suspended.company.id])
    expect(await refusal(archived.start())).toMatchObject({ ...notNow, message: expect.stringContaining('archived') })
    expect(await refusal(suspended.start())).toMatchObject({ ...notNow, message: expect.stringContaining('suspended') })
  })

  test('over the quota of the month a run is held, not refused', async ({ world }) => {
    const { company, start } = await pipeline(world)
    await stopDispatch(world, company.id, { runsAMonth: 1 })
    const [first, second] = [await start(), await start()]
    expect([first.execution.status, second.execution.status]).toEqual(['pending', 'held'])
    const { items } = await company.viewer.api.executions.logs.query({ executionId: second.executionId })
    expect(items).toMatchObject([
      { type: 'status', data: { status: 'held' }, message: expect.stringContaining('used up') },
    ])
  })
})

describe('listing runs', () => {
  test('the list is filtered by studio, workflow and status and goes through all pages', async ({ world }) => {
    const { company, studioId, templateId, input } = await pipeline(world)
    await stopDispatch(world, company.id)
    const other = await world.studio(company.admin, company.id)
    const { executions } = company.member.api
    const begin = async (where: string) =>
      (await executions.start.mutate({ studioId: where, templateId, input, idempotencyKey: unique() })).execution.id
    const made = await Promise.all([1, 2, 3, 4, 5].map((number) => begin(number > 2 ? studioId : other.id)))
    await executions.cancel.mutate({ executionId: made[4] ?? '' })
    const list = async (filter: object) => {
      const page = await executions.list.query({ companyId: company.id, ...filter })
      return { ids: sorted(page.items.map(({ id }) => id)), next: page.nextCursor }
    }
    expect((await list({ studioId: other.id })).ids).toEqual(sorted(made.slice(0, 2)))
    expect((await list({ status: 'pending' })).ids).toEqual(sorted(made.slice(0, 4)))
    expect((await list({ templateId: nothing })).ids).toEqual([])
    const first = await list({ limit: 3 })
    const second = await list({ limit: 3, cursor: first.next ?? '' })
    expect(sorted([...first.ids, ...second.ids])).toEqual(sorted(made))
    expect(second.next).toBeNull()
  })

  test('runs in a restricted studio are hidden with it', async ({ world }) => {
    const { company, studioId, start } = await pipeline(world)
    const { executionId } = await start()
    await company.admin.api.studios.update.mutate({ studioId, access: 'restricted' })
    const { executions } = company.member.api
    expect((await executions.list.query({ companyId: company.id })).items).toEqual([])
    expect(await refusal(executions.byId.query({ executionId }))).toMatchObject(unseen)
    expect(await refusal(executions.logs.query({ executionId }))).toMatchObject(unseen)
    expect(await refusal(executions.cancel.mutate({ executionId }))).toMatchObject(unseen)
    expect(await refusal(start())).toMatchObject(unseen)
    expect(await company.admin.api.executions.byId.query({ executionId })).toMatchObject({ id: executionId })
  })
})
