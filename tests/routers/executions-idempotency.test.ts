import { describe, expect } from 'vitest'
import { test, unique } from '../support/world.ts'
import { pipeline } from './pipeline-runs.ts'
import { alreadyThere, refusal, unseen } from './refusal.ts'

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
