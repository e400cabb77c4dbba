import { describe, expect } from 'vitest'
import { catalogPlace, placeIn, test } from '../support/turns.ts'
import { allPages } from './lists.ts'
import { faultyPaths, needsRole, notNow, refusal, unseen } from './refusal.ts'

const nobody = '00000000-0000-4000-8000-000000000000'

describe('bulk operations', () => {
  test('are listed newest first, page by page, by status', async ({ world, turns }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    const { api } = company.member
    const ids: string[] = []
    for (let n = 0; n < 3; n += 1) {
      const executionIds = await addRuns(1)
      ids.unshift((await api.bulk.start.mutate({ companyId, action: 'cancel', filter: { executionIds } })).id)
    }
    const listed = await allPages((cursor) => api.bulk.list.query({ companyId, limit: 1, ...cursor }))
    expect(listed.map(({ id }) => id)).toEqual(ids)
    expect(listed[0]).toMatchObject({ filter: {}, total: 1, waiting: 1 })
    expect(listed[0]).not.toHaveProperty('filter.executionIds')
    await turns()
    expect((await api.bulk.list.query({ companyId, status: 'running' })).items).toEqual([])
    expect((await api.bulk.list.query({ companyId, status: 'finished' })).items).toHaveLength(3)
  })

  test('show their runs page by page, by verdict', async ({ world, turns }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    const runs = [...(await addRuns(2)), ...(await addRuns(1, { status: 'succeeded' })), ...(await addRuns(2))]
    const { api } = company.viewer
    const operation = await company.member.api.bulk.start.mutate({
      companyId,
      action: 'cancel',
      filter: { executionIds: runs },
    })
    await turns()
    const input = { companyId, operationId: operation.id }
    const items = await allPages((cursor) => api.bulk.items.query({ ...input, limit: 2, ...cursor }))
    expect(items.map(({ ordinal }) => ordinal)).toEqual([1, 2, 3, 4, 5])
    expect(new Set(items.map(({ executionId }) => executionId))).toEqual(new Set(runs))
    const refused = await api.bulk.items.query({ ...input, verdict: 'refused' })
    expect(refused.items.map(({ executionId }) => executionId)).toEqual([runs[2]])
    expect(await faultyPaths(api.bulk.items.query({ ...input, cursor: 'x' }))).toEqual(['cursor'])
  })

  test('are not there for another company, nor for who may see none of their runs', async ({ world }) => {
    const [{ company, companyId, addRuns }, other] = await Promise.all([
      catalogPlace(world, 'restricted'),
      world.company(),
    ])
    await addRuns(1)
    const { id: operationId } = await company.admin.api.bulk.start.mutate({ companyId, action: 'cancel', filter: {} })
    for (const { api } of [other.admin, company.member, company.viewer]) {
      for (const call of [api.bulk.byId, api.bulk.items])
        expect(await refusal(call.query({ companyId, operationId }))).toMatchObject(unseen)
    }
    expect(await refusal(company.member.api.bulk.abort.mutate({ companyId, operationId }))).toMatchObject(unseen)
    expect((await company.member.api.bulk.list.query({ companyId })).items).toEqual([])
    expect(await refusal(other.admin.api.bulk.list.query({ companyId }))).toMatchObject(unseen)
    expect((await company.admin.api.bulk.list.query({ companyId })).items).toMatchObject([
      { id: operationId, total: 1 },
    ])
  })

  test('show of a restricted studio nothing in their counts', async ({ world }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    await addRuns(2)
    await (await placeIn(world, company, 'restricted')).addRuns(3)
    const { id: operationId } = await company.admin.api.bulk.start.mutate({ companyId, action: 'cancel', filter: {} })
    expect(await company.admin.api.bulk.byId.query({ companyId, operationId })).toMatchObject({ total: 5, waiting: 5 })
    expect(await company.viewer.api.bulk.byId.query({ companyId, operationId })).toMatchObject({ total: 2, waiting: 2 })
  })
})

describe('aborting a bulk operation', () => {
  test('skips the runs whose turn has not come and leaves what is done', async ({ world, turns }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    await addRuns(5)
    const { api } = company.member
    const { id: operationId } = await api.bulk.start.mutate({ companyId, action: 'cancel', filter: {} })
    await turns(2)
    expect(await api.bulk.byId.query({ companyId, operationId })).toMatchObject({ done: 2, waiting: 3 })
    const aborted = await api.bulk.abort.mutate({ companyId, operationId })
    expect(aborted).toMatchObject({ status: 'aborted', total: 5, done: 2, skipped: 3, waiting: 0, refused: 0 })
    expect(aborted.completedAt).not.toBeNull()
    await turns()
    const { items } = await api.bulk.items.query({ companyId, operationId })
    expect(items.map(({ verdict }) => verdict)).toEqual(['done', 'done', 'skipped', 'skipped', 'skipped'])
    expect(items[4]?.message).toContain('aborted')
    expect((await api.executions.list.query({ companyId, status: 'pending' })).items).toHaveLength(3)
  })

  test('is refused once it is aborted or has finished', async ({ world, turns }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    await addRuns(1)
    const { api } = company.member
    const start = () => api.bulk.start.mutate({ companyId, action: 'cancel', filter: {} })
    const first = await start()
    const { abort } = api.bulk
    await abort.mutate({ companyId, operationId: first.id })
    const again = refusal(abort.mutate({ companyId, operationId: first.id }))
    expect(await again).toMatchObject({ ...notNow, message: expect.stringContaining('was aborted') })
    const second = await start()
    await turns()
    const late = refusal(abort.mutate({ companyId, operationId: second.id }))
    expect(await late).toMatchObject({ ...notNow, message: expect.stringContaining('has finished') })
  })

  test('needs a member of the company, and an operation', async ({ world }) => {
    const [{ company, companyId, addRuns }, other] = await Promise.all([catalogPlace(world), world.company()])
    await addRuns(1)
    const { id: operationId } = await company.member.api.bulk.start.mutate({ companyId, action: 'cancel', filter: {} })
    const { viewer, member } = company
    const input = { companyId, operationId }
    expect(await refusal(viewer.api.bulk.abort.mutate(input))).toMatchObject(needsRole('member'))
    expect(await refusal(other.admin.api.bulk.abort.mutate(input))).toMatchObject(unseen)
    expect(await refusal(member.api.bulk.abort.mutate({ companyId, operationId: nobody }))).toMatchObject(unseen)
    expect(await faultyPaths(member.api.bulk.abort.mutate({ companyId, operationId: 'x' }))).toEqual(['operationId'])
  })
})
