import { describe, expect } from 'vitest'
import { type Company, join, test } from '../support/world.ts'
import { faultyPaths, needsRole, notNow, refusal, unseen } from './refusal.ts'

const lastAdmin = { ...notNow, message: expect.stringContaining('last admin') }

describe('members', () => {
  test('everybody in the company sees who is in it, page by page', async ({ world }) => {
    const company = await world.company()
    const list = (cursor?: string) =>
      company.viewer.api.companies.members.list.query({ companyId: company.id, limit: 2, cursor })
    const first = await list()
    const second = await list(first.nextCursor ?? '')
    const seen = [...first.items, ...second.items].map(({ userId, role }) => [userId, role])
    expect(new Map(seen.map(([userId, role]) => [userId, role]))).toEqual(
      new Map([
        [company.admin.userId, 'admin'],
        [company.member.userId, 'member'],
        [company.viewer.userId, 'viewer'],
      ]),
    )
    expect(seen).toHaveLength(3)
    expect(second.nextCursor).toBeNull()
  })

  test('an admin changes a role, and the next call of that person has it', async ({ world }) => {
    const { id: companyId, admin, viewer } = await world.company()
    const change = { companyId, userId: viewer.userId, role: 'member' } as const
    expect(await admin.api.companies.members.changeRole.mutate(change)).toMatchObject({ role: 'member' })
    expect(await world.studio(viewer, companyId)).toMatchObject({ createdBy: viewer.userId })
  })

  test("a revoked member's next call sees nothing, and approval brings it back", async ({ world }) => {
    const { id: companyId, admin, member } = await world.company()
    const studio = await world.studio(member, companyId)
    const who = { companyId, userId: member.userId }
    expect(await admin.api.companies.members.revoke.mutate(who)).toMatchObject({ status: 'inactive' })
    expect(await refusal(member.api.studios.byId.query({ studioId: studio.id }))).toMatchObject(unseen)
    expect(await refusal(member.api.companies.byId.query({ companyId }))).toMatchObject(unseen)
    expect((await member.api.companies.list.query({})).items).toEqual([])
    expect(await refusal(admin.api.companies.members.revoke.mutate(who))).toMatchObject(notNow)
    expect(await refusal(admin.api.companies.members.changeRole.mutate({ ...who, role: 'admin' }))).toMatchObject(
      notNow,
    )
    await admin.api.companies.members.approve.mutate({ ...who, role: 'viewer' })
    expect(await member.api.studios.byId.query({ studioId: studio.id })).toEqual(studio)
  })

  test('whoever leaves sees nothing any more', async ({ world }) => {
    const { id: companyId, viewer } = await world.company()
    expect(await viewer.api.companies.members.leave.mutate({ companyId })).toEqual({ companyId, status: 'inactive' })
    expect(await refusal(viewer.api.companies.byId.query({ companyId }))).toMatchObject(unseen)
    expect(await refusal(viewer.api.companies.members.leave.mutate({ companyId }))).toMatchObject(unseen)
  })

  test('another company can neither see nor change them', async ({ world }) => {
    const [ours, theirs] = await Promise.all([world.company(), world.company()])
    const { members } = theirs.admin.api.companies
    const who = { companyId: ours.id, userId: ours.member.userId }
    expect(await refusal(members.list.query({ companyId: ours.id }))).toMatchObject(unseen)
    expect(await refusal(members.changeRole.mutate({ ...who, role: 'viewer' }))).toMatchObject(unseen)
    expect(await refusal(members.revoke.mutate(who))).toMatchObject(unseen)
    expect(await refusal(members.leave.mutate({ companyId: ours.id }))).toMatchObject(unseen)
    const mixed = members.revoke.mutate({ companyId: theirs.id, userId: ours.member.userId })
    expect(await refusal(mixed)).toMatchObject(unseen)
  })

  test('members change nobody, not even themselves', async ({ world }) => {
    const { id: companyId, admin, member } = await world.company()
    const { members } = member.api.companies
    const promote = members.changeRole.mutate({ companyId, userId: member.userId, role: 'admin' })
    expect(await refusal(promote)).toMatchObject(needsRole('admin'))
    const depose = members.revoke.mutate({ companyId, userId: admin.userId })
    expect(await refusal(depose)).toMatchObject(needsRole('admin'))
  })

  test('every fault is listed with its place', async ({ world }) => {
    const { id: companyId, admin } = await world.company()
    const { members } = admin.api.companies
    // @ts-expect-error there is no role of this name
    const change = members.changeRole.mutate({ companyId, userId: 'eve', role: 'owner' })
    expect(await faultyPaths(change)).toEqual(['role', 'userId'])
    // @ts-expect-error there is no status of this name
    const list = members.list.query({ companyId: 'ours', status: 'gone', limit: 0 })
    expect(await faultyPaths(list)).toEqual(['companyId', 'limit', 'status'])
  })
})

describe('the last admin', () => {
  test('can neither leave, nor be revoked, nor be made a member', async ({ world }) => {
    const { id: companyId, admin } = await world.company()
    const { members } = admin.api.companies
    const who = { companyId, userId: admin.userId }
    expect(await refusal(members.leave.mutate({ companyId }))).toMatchObject(lastAdmin)
    expect(await refusal(members.revoke.mutate(who))).toMatchObject(lastAdmin)
    expect(await refusal(members.changeRole.mutate({ ...who, role: 'member' }))).toMatchObject(lastAdmin)
  })

  test('may leave once somebody else is an admin', async ({ world }) => {
    const { id: companyId, admin, member } = await world.company()
    const { members } = admin.api.companies
    await members.changeRole.mutate({ companyId, userId: member.userId, role: 'admin' })
    expect(await members.leave.mutate({ companyId })).toMatchObject({ status: 'inactive' })
    expect(await refusal(member.api.companies.members.leave.mutate({ companyId }))).toMatchObject(lastAdmin)
  })

  test('stays when two admins leave at the same moment', async ({ world }) => {
    const company: Company = await world.company()
    const other = await world.signUp()
    await join(company.admin, other, company, 'admin')
    const leaving = [company.admin, other].map(({ api }) =>
      api.companies.members.leave.mutate({ companyId: company.id }),
    )
    const outcomes = await Promise.allSettled(leaving)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})
