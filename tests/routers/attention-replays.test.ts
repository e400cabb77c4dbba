import { describe, expect } from 'vitest'
import { catalogPlace, test } from '../support/turns.ts'
import { groupsOf, onlyGroup } from './failure-causes.ts'
import { alreadyThere, faultyPaths, needsRole, notNow, refusal, unseen } from './refusal.ts'

const nobody = '00000000-0000-4000-8000-000000000000'

describe('replaying all runs of a cause', () => {
  test('takes the open ones, once', async ({ world, turns }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    const runs = await addRuns(2, { status: 'failed' })
    await addRuns(1, { status: 'failed', failedStep: 'other' })
    const groups = await groupsOf(company.viewer, companyId)
    const group = groups.find(({ failures }) => failures === 2)
    const input = { companyId, groupId: group?.id ?? '' }
    const { replayAll } = company.member.api.attention
    const operation = await replayAll.mutate({ ...input, expectedCount: 2 })
    const filter = { failureGroupId: input.groupId, status: 'failed', withoutReplay: true }
    expect(operation).toMatchObject({ action: 'replay', filter, total: 2, userId: company.member.userId })
    await turns()
    const { items } = await company.viewer.api.bulk.items.query({ companyId, operationId: operation.id })
    expect(items.map(({ executionId, verdict }) => [executionId, verdict])).toEqual(runs.map((run) => [run, 'done']))
    expect(await refusal(replayAll.mutate(input))).toMatchObject({
      ...notNow,
      message: expect.stringContaining('nothing to do'),
    })
  })

  test('asked for twice at the same moment replays each run once', async ({ world, turns }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    await addRuns(2, { status: 'failed' })
    const { id: groupId } = await onlyGroup(company.viewer, companyId)
    const { api } = company.member
    const ask = () => api.attention.replayAll.mutate({ companyId, groupId, expectedCount: 2 })
    const operations = await Promise.all([ask(), ask()])
    await turns()
    const looks = operations.map(({ id: operationId }) => api.bulk.byId.query({ companyId, operationId }))
    const counts = (await Promise.all(looks)).map(({ done, refused }) => done + refused)
    expect(counts).toEqual([2, 2])
    expect((await api.executions.list.query({ companyId, status: 'pending' })).items).toHaveLength(2)
    const items = await Promise.all(
      operations.map(({ id: operationId }) => api.bulk.items.query({ companyId, operationId, verdict: 'refused' })),
    )
    const messages = items.flatMap((page) => page.items.map(({ message }) => message))
    expect(messages).toEqual(Array(2).fill('This run was replayed meanwhile.'))
  })

  test('needs a member, and as many runs as expected', async ({ world }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    await addRuns(1, { status: 'failed' })
    const { id: groupId } = await onlyGroup(company.viewer, companyId)
    const input = { companyId, groupId }
    const { viewer, member } = company
    expect(await refusal(viewer.api.attention.replayAll.mutate(input))).toMatchObject(needsRole('member'))
    const { replayAll } = member.api.attention
    expect(await refusal(replayAll.mutate({ ...input, expectedCount: 7 }))).toMatchObject(alreadyThere)
    expect(await refusal(replayAll.mutate({ ...input, groupId: nobody }))).toMatchObject(unseen)
    expect(await faultyPaths(replayAll.mutate({ ...input, expectedCount: -1 }))).toEqual(['expectedCount'])
  })
})
