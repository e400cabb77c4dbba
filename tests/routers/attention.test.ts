import { describe, expect } from 'vitest'
import { bring, catalogPlace, placeIn, test } from '../support/turns.ts'
import { groupsOf, onlyGroup } from './failure-causes.ts'
import { allPages } from './lists.ts'
import { faultyPaths, needsRole, notNow, refusal, unseen } from './refusal.ts'

const nobody = '00000000-0000-4000-8000-000000000000'

describe('causes of failures', () => {
  test('are told with step, count, first and last failure, newest first', async ({ world }) => {
    const { company, companyId, studioId, templateId, addRuns } = await catalogPlace(world)
    const template = await company.viewer.api.catalog.byId.query({ templateId })
    const [step] = template.steps
    const failed = { status: 'failed' as const, failedStep: step?.name ?? '' }
    await addRuns(1, { ...failed, errorMessage: 'Read: row 3 of "a.csv" has no amount.' })
    await addRuns(2, { ...failed, errorMessage: 'Read: row 17 of "b.csv" has no amount.' })
    const newest = 'The engine gave no result within the time allowed.'
    await addRuns(1, { status: 'failed', failedStep: null, failureKind: 'lost', errorMessage: newest })
    const [lost, read] = await groupsOf(company.viewer, companyId)
    const place = { companyId, studioId, templateId, templateName: template.name, state: 'open', ownerId: null }
    const unseenSteps = { step: null, stepTitle: null, failureKind: 'lost', message: newest }
    expect(lost).toMatchObject({ ...place, ...unseenSteps, failures: 1, open: 1, ownerName: null, changedAt: null })
    const told = { step: step?.name, stepTitle: step?.title, failureKind: 'step_failed', failures: 3, open: 3 }
    expect(read).toMatchObject({ ...place, ...told, message: 'Read: row 17 of "b.csv" has no amount.' })
    expect((read?.firstAt ?? '') < (read?.lastAt ?? '')).toBe(true)
  })

  test('stay apart by step, kind, studio and what was said', async ({ world }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    const other = await placeIn(world, company, 'company')
    const failed = { status: 'failed' as const, errorMessage: 'It broke.' }
    await addRuns(1, failed)
    await addRuns(1, { ...failed, failedStep: 'other' })
    await addRuns(1, { ...failed, failedStep: null })
    await addRuns(1, { ...failed, failureKind: 'timeout' })
    await addRuns(1, { ...failed, errorMessage: 'It bent.' })
    await addRuns(1, { ...failed, errorMessage: null })
    await other.addRuns(1, failed)
    const groups = await groupsOf(company.viewer, companyId)
    expect(groups.map(({ failures }) => failures)).toEqual(Array(7).fill(1))
    expect(groups.map(({ message }) => message)).toContain('No reason was given.')
  })

  test('are listed by state, studio, workflow and owner, page by page', async ({ world }) => {
    const { company, companyId, studioId, templateId, addRuns } = await catalogPlace(world)
    for (const failedStep of ['one', 'two', 'three']) await addRuns(1, { status: 'failed', failedStep })
    const { api, userId } = company.member
    const [, second] = await groupsOf(company.member, companyId)
    await api.attention.update.mutate({ companyId, groupId: second?.id ?? '', state: 'ignored', ownerId: userId })
    const steps = async (filter: object) =>
      (await api.attention.list.query({ companyId, ...filter })).items.map(({ step }) => step)
    expect(await steps({})).toEqual(['three', 'two', 'one'])
    expect(await steps({ state: 'open' })).toEqual(['three', 'one'])
    expect(await steps({ ownerId: userId })).toEqual(['two'])
    expect(await steps({ ownerId: nobody })).toEqual([])
    expect(await steps({ studioId, templateId, state: 'ignored' })).toEqual(['two'])
    expect(await steps({ studioId: nobody })).toEqual([])
    expect(await steps({ templateId: nobody })).toEqual([])
    const paged = await allPages((cursor) => api.attention.list.query({ companyId, limit: 1, ...cursor }))
    expect(paged.map(({ step }) => step)).toEqual(['three', 'two', 'one'])
    expect(await faultyPaths(api.attention.list.query({ companyId, state: 'gone' as never }))).toEqual(['state'])
  })

  test('of a restricted studio are hidden from who may not enter it, those of a company from every other', async ({
    world,
  }) => {
    const [{ company, companyId, studioId, addRuns }, other] = await Promise.all([
      catalogPlace(world, 'restricted'),
      world.company(),
    ])
    await addRuns(1, { status: 'failed' })
    const { id: groupId } = await onlyGroup(company.admin, companyId)
    const input = { companyId, groupId }
    expect(await groupsOf(company.member, companyId)).toEqual([])
    expect(await refusal(other.admin.api.attention.list.query({ companyId }))).toMatchObject(unseen)
    for (const { api } of [company.member, other.admin]) {
      expect(await refusal(api.attention.byId.query(input))).toMatchObject(unseen)
      expect(await refusal(api.attention.update.mutate({ ...input, state: 'ignored' }))).toMatchObject(unseen)
      expect(await refusal(api.attention.replayAll.mutate(input))).toMatchObject(unseen)
    }
    const { userId, api } = company.member
    await company.admin.api.studios.members.add.mutate({ studioId, userId })
    expect(await api.attention.byId.query(input)).toMatchObject({ id: groupId, failures: 1 })
  })

  test('show their newest twenty failed runs, each with what replays it', async ({ world, turns }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    const runs = await addRuns(22, { status: 'failed' })
    const replayed = runs.at(-1) ?? ''
    const { id: groupId } = await onlyGroup(company.viewer, companyId)
    const filter = { executionIds: [replayed] }
    const { id: operationId } = await company.member.api.bulk.start.mutate({ companyId, action: 'replay', filter })
    await turns()
    const [item] = (await company.viewer.api.bulk.items.query({ companyId, operationId })).items
    const group = await company.viewer.api.attention.byId.query({ companyId, groupId })
    expect(group.runs.map(({ id }) => id)).toEqual(runs.toReversed().slice(0, 20))
    const told = { userId: company.admin.userId, message: 'It failed.', retryCount: 0 }
    expect(group.runs[0]).toMatchObject({ ...told, replay: { id: item?.newExecutionId, status: 'pending' } })
    expect(group.runs[1]).toMatchObject({ ...told, replay: null })
    expect(group).toMatchObject({ failures: 22, open: 21 })
  })
})

describe('the runs of a cause that are open', () => {
  test('are those failed at this moment; a retry takes one out, and its next failure brings it back', async ({
    world,
    turns,
  }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    const runs = await addRuns(2, { status: 'failed' })
    await company.member.api.bulk.start.mutate({ companyId, action: 'retry', filter: {} })
    await turns()
    expect(await onlyGroup(company.viewer, companyId)).toMatchObject({ failures: 2, open: 0, state: 'open' })
    await bring(world.stack.owner, runs.slice(0, 1), { status: 'failed' })
    await bring(world.stack.owner, runs.slice(1), { status: 'succeeded' })
    expect(await onlyGroup(company.viewer, companyId)).toMatchObject({ failures: 3, open: 1 })
  })

  test('are not those that a replay speaks for, unless it was cancelled', async ({ world, turns }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    await addRuns(3, { status: 'failed' })
    const { id: groupId } = await onlyGroup(company.viewer, companyId)
    const look = () => onlyGroup(company.viewer, companyId)
    const operation = await company.member.api.attention.replayAll.mutate({ companyId, groupId, expectedCount: 3 })
    await turns()
    const { items } = await company.viewer.api.bulk.items.query({ companyId, operationId: operation.id })
    const replays = items.map(({ newExecutionId }) => newExecutionId ?? '')
    expect(await look()).toMatchObject({ failures: 3, open: 0 })
    await bring(world.stack.owner, replays.slice(0, 1), { status: 'succeeded' })
    await bring(world.stack.owner, replays.slice(1, 2), { status: 'cancelled' })
    expect(await look()).toMatchObject({ failures: 3, open: 1 })
    await bring(world.stack.owner, replays.slice(2), { status: 'failed' })
    expect(await look()).toMatchObject({ failures: 4, open: 2, state: 'open' })
  })
})

describe('looking after a cause', () => {
  test('a member gives it an owner and a state, and takes the owner away again', async ({ world }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    await addRuns(1, { status: 'failed' })
    const { id: groupId } = await onlyGroup(company.viewer, companyId)
    const { update } = company.member.api.attention
    const input = { companyId, groupId }
    const { userId: ownerId } = company.viewer
    const owned = await update.mutate({ ...input, ownerId, state: 'resolved' })
    expect(owned).toMatchObject({ id: groupId, ownerId, ownerName: 'Viewer One', state: 'resolved' })
    expect(owned.changedAt).not.toBeNull()
    expect(await update.mutate(input)).toEqual(owned)
    const free = await update.mutate({ ...input, ownerId: null })
    expect(free).toMatchObject({ ownerId: null, ownerName: null, state: 'resolved' })
  })

  test('a resolved one opens again with the next failure; an ignored one stays ignored', async ({ world }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    const fail = () => addRuns(1, { status: 'failed' })
    await fail()
    const { id: groupId } = await onlyGroup(company.viewer, companyId)
    const { update } = company.member.api.attention
    const resolved = await update.mutate({ companyId, groupId, state: 'resolved', ownerId: company.member.userId })
    await fail()
    const reopened = await onlyGroup(company.viewer, companyId)
    expect(reopened).toMatchObject({ state: 'open', failures: 2, ownerId: company.member.userId })
    expect((reopened.changedAt ?? '') > (resolved.changedAt ?? '')).toBe(true)
    const ignored = await update.mutate({ companyId, groupId, state: 'ignored' })
    await fail()
    const still = await onlyGroup(company.viewer, companyId)
    expect(still).toMatchObject({ state: 'ignored', failures: 3, changedAt: ignored.changedAt })
  })

  test('its owner is a member of the company who may enter the studio', async ({ world }) => {
    const [{ company, companyId, studioId, addRuns }, other] = await Promise.all([
      catalogPlace(world, 'restricted'),
      world.company(),
    ])
    await addRuns(1, { status: 'failed' })
    const { id: groupId } = await onlyGroup(company.admin, companyId)
    const own = (ownerId: string) => company.admin.api.attention.update.mutate({ companyId, groupId, ownerId })
    for (const userId of [company.member.userId, other.admin.userId, nobody])
      expect(await refusal(own(userId))).toMatchObject({ ...notNow, message: expect.stringContaining('owner must be') })
    const { userId } = company.member
    await company.admin.api.studios.members.add.mutate({ studioId, userId })
    expect(await own(userId)).toMatchObject({ ownerId: userId })
  })

  test('needs a member of the company, a cause and a state that there is', async ({ world }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    await addRuns(1, { status: 'failed' })
    const { id: groupId } = await onlyGroup(company.viewer, companyId)
    const { viewer, member } = company
    const change = { companyId, groupId, state: 'ignored' as const }
    expect(await refusal(viewer.api.attention.update.mutate(change))).toMatchObject(needsRole('member'))
    const { update, byId } = member.api.attention
    expect(await refusal(update.mutate({ ...change, groupId: nobody }))).toMatchObject(unseen)
    expect(await refusal(byId.query({ companyId, groupId: nobody }))).toMatchObject(unseen)
    const wrong = update.mutate({ companyId, groupId: 'x', state: 'closed' as never, ownerId: 'y' })
    expect(await faultyPaths(wrong)).toEqual(['groupId', 'ownerId', 'state'])
  })
})
