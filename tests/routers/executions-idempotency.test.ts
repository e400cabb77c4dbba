import type pg from 'pg'
import { describe, expect } from 'vitest'
import { bring } from '../support/turns.ts'
import { test, unique, type World } from '../support/world.ts'
import { addWorkflows, publishNext } from './own-workflows.ts'
import { pipeline, stopDispatch } from './pipeline-runs.ts'
import { alreadyThere, notNow, refusal, unseen } from './refusal.ts'

type Change = (owner: pg.Client, templateId: string) => Promise<unknown>
const withdraw: Change = (owner, id) =>
  owner.query('update workflow_templates set is_active = false where id = $1', [id])

describe('starting a run again with the same idempotency key', () => {
  test('gives the first run again, whatever the order of the input', async ({ world }) => {
    const { company, studioId, templateId } = await pipeline(world)
    const { start } = company.member.api.executions
    const request = { studioId, templateId, idempotencyKey: unique() }
    const first = await start.mutate({ ...request, input: { data: 'a,b\n', topN: 3 } })
    const second = await start.mutate({ ...request, input: { topN: 3, data: 'a,b\n' } })
    expect([first.isReplay, second.isReplay]).toEqual([false, true])
    expect(second.execution.id).toBe(first.execution.id)
  })

  test('is a conflict with another input, another studio or another workflow', async ({ world }) => {
    const { company, studioId, templateId, input } = await pipeline(world)
    const { start } = company.member.api.executions
    const [other, { items }] = await Promise.all([
      world.studio(company.member, company.id),
      company.member.api.catalog.list.query({ search: 'tickets' }),
    ])
    const request = { studioId, templateId, input, idempotencyKey: unique() }
    await start.mutate(request)
    expect(await refusal(start.mutate({ ...request, input: { ...input, topN: 1 } }))).toMatchObject(alreadyThere)
    expect(await refusal(start.mutate({ ...request, studioId: other.id }))).toMatchObject(alreadyThere)
    const workflow = items.find(({ id }) => id !== templateId)
    const elsewhere = start.mutate({ ...request, templateId: workflow?.id ?? '', input: { data: 'x' } })
    expect(await refusal(elsewhere)).toMatchObject(alreadyThere)
  })

  test('is a conflict where a run in a studio that one may not enter has the key, and tells nothing of it', async ({
    world,
  }) => {
    const { company, studioId, templateId, input } = await pipeline(world)
    const closed = await world.studio(company.admin, company.id, { access: 'restricted' })
    const request = { templateId, input, idempotencyKey: unique() }
    const { execution } = await company.admin.api.executions.start.mutate({ ...request, studioId: closed.id })
    const refused = await refusal(company.member.api.executions.start.mutate({ ...request, studioId }))
    expect(refused).toMatchObject({ ...alreadyThere, message: expect.stringMatching(/key is in use.*use a new key/) })
    for (const trace of [execution.id, closed.id, closed.name]) expect(JSON.stringify(refused)).not.toContain(trace)
    const theirs = { ...request, studioId, idempotencyKey: unique() }
    expect(await company.member.api.executions.start.mutate(theirs)).toMatchObject({ isReplay: false })
  })

  test.for([
    ['was withdrawn', withdraw],
    ['asks for another input', (owner, id) => publishNext(owner, id, { type: 'object', required: ['after'] })],
    ['has other defaults', (owner, id) => publishNext(owner, id, { properties: { before: { default: 2 } } })],
  ] satisfies [string, Change][])(
    'gives the first run again when the workflow %s meanwhile',
    async ([, change], { world }) => {
      const { company, studioId } = await pipeline(world)
      const inputSchema = { type: 'object', properties: { before: { default: 1 } } }
      const [templateId = ''] = await addWorkflows(world.stack.owner, company.id, [{ inputSchema }])
      const { start } = company.member.api.executions
      const request = { studioId, templateId, input: {}, idempotencyKey: unique() }
      const first = await start.mutate(request)
      await change(world.stack.owner, templateId)
      const second = await start.mutate(request)
      expect([second.isReplay, second.execution.id]).toEqual([true, first.execution.id])
      expect(await refusal(start.mutate({ ...request, input: { other: 1 } }))).toMatchObject(alreadyThere)
    },
  )

  test('makes one run of fifty equal calls at the same moment', async ({ world }) => {
    const { company, studioId, templateId, input } = await pipeline(world)
    const request = { studioId, templateId, input, idempotencyKey: unique() }
    const starts = await Promise.all(
      Array.from({ length: 50 }, () => company.member.api.executions.start.mutate(request)),
    )
    expect(new Set(starts.map(({ execution }) => execution.id)).size).toBe(1)
    expect(starts.filter(({ isReplay }) => !isReplay)).toHaveLength(1)
    const { items } = await company.member.api.executions.list.query({ companyId: company.id })
    expect(items).toHaveLength(1)
    const counted = 'select sum(executions)::int as executions from company_usage where company_id = $1'
    expect((await world.stack.owner.query(counted, [company.id])).rows).toEqual([{ executions: 1 }])
  })

  test('makes one run of fifty different inputs and refuses the others', async ({ world }) => {
    const { company, studioId, templateId } = await pipeline(world)
    const idempotencyKey = unique()
    const calls = Array.from({ length: 50 }, (_, index) =>
      company.member.api.executions.start.mutate({ studioId, templateId, idempotencyKey, input: { data: `${index}` } }),
    )
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const refused = await Promise.all(calls.map((call) => refusal(call).catch(() => undefined)))
    expect(new Set(refused.flatMap((told) => told?.code ?? []))).toEqual(new Set(['CONFLICT']))
  })

  test('makes a run of its own in another company', async ({ world }) => {
    const [ours, theirs] = await Promise.all([pipeline(world), pipeline(world)])
    const idempotencyKey = unique()
    const begin = ({ company, studioId, templateId, input }: typeof ours) =>
      company.member.api.executions.start.mutate({ studioId, templateId, input, idempotencyKey })
    const [first, second] = await Promise.all([begin(ours), begin(theirs)])
    expect([first.isReplay, second.isReplay]).toEqual([false, false])
    const spied = theirs.company.admin.api.executions.byId.query({ executionId: first.execution.id })
    expect(await refusal(spied)).toMatchObject(unseen)
  })

  test('is taken from the header of a REST call too', async ({ world }) => {
    const { company, studioId, templateId, input } = await pipeline(world)
    const key = unique()
    const begin = async () => {
      const answer = await fetch(`${world.stack.url}/api/v1/studios/${studioId}/executions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${company.member.accessToken}`,
          'content-type': 'application/json',
          'idempotency-key': key,
        },
        body: JSON.stringify({ templateId, input }),
      })
      return answer.json()
    }
    expect(await begin()).toMatchObject({ isReplay: false })
    expect(await begin()).toMatchObject({ isReplay: true })
  })
})

describe('replaying a run again with the same idempotency key', () => {
  const twoEnded = async (world: World) => {
    const { company, studioId, templateId, input } = await pipeline(world)
    await stopDispatch(world, company.id)
    const api = company.member.api.executions
    const idempotencyKey = unique()
    const started = [{ idempotencyKey }, {}].map((key) => api.start.mutate({ studioId, templateId, input, ...key }))
    const [first = '', second = ''] = (await Promise.all(started)).map(({ execution }) => execution.id)
    await bring(world.stack.owner, [first, second], { status: 'failed' })
    return { api, first, second, keyOfStart: idempotencyKey }
  }

  test('is a conflict for a replay of another run, and for a key that began a run', async ({ world }) => {
    const { api, first, second, keyOfStart } = await twoEnded(world)
    const idempotencyKey = unique()
    const replay = await api.replay.mutate({ executionId: first, idempotencyKey })
    expect(replay).toMatchObject({ isReplay: false, execution: { replayOf: first } })
    expect(await refusal(api.replay.mutate({ executionId: second, idempotencyKey }))).toMatchObject(alreadyThere)
    const ofStart = api.replay.mutate({ executionId: first, idempotencyKey: keyOfStart })
    expect(await refusal(ofStart)).toMatchObject(alreadyThere)
    const { studioId, templateId, inputData: input } = await api.byId.query({ executionId: first })
    const asStart = api.start.mutate({ studioId, templateId, input, idempotencyKey })
    expect(await refusal(asStart)).toMatchObject(alreadyThere)
  })

  test('gives the first replay again, also while the run is tried again', async ({ world }) => {
    const { api, first } = await twoEnded(world)
    const again = () => api.replay.mutate({ executionId: first, idempotencyKey: 'again' })
    const { execution } = await again()
    await api.retry.mutate({ executionId: first })
    expect(await again()).toMatchObject({ isReplay: true, execution: { id: execution.id } })
    const another = api.replay.mutate({ executionId: first, idempotencyKey: unique() })
    expect(await refusal(another)).toMatchObject(notNow)
  })
})
