import { describe, expect } from 'vitest'
import { join, type Person, test } from '../support/world.ts'
import { alreadyThere, faultyPaths, needsRole, notNow, refusal, unseen } from './refusal.ts'

describe('asking to join', () => {
  test('a person asks, an admin approves with a role, and the person is in', async ({ world }) => {
    const [company, eve] = await Promise.all([world.company(), world.signUp('Eve New')])
    const member = { companyId: company.id, userId: eve.userId }
    const asked = await eve.api.companies.requestJoin.mutate({ slug: company.slug })
    expect(asked).toEqual({ companyId: company.id, status: 'pending' })
    expect((await eve.api.me.companies.query()).items).toMatchObject([
      { companyId: company.id, companyName: null, companySlug: null, status: 'pending' },
    ])
    expect(await refusal(eve.api.companies.byId.query({ companyId: company.id }))).toMatchObject(unseen)
    const approved = await company.admin.api.companies.members.approve.mutate({ ...member, role: 'viewer' })
    expect(approved).toMatchObject({ fullName: 'Eve New', role: 'viewer', status: 'approved' })
    expect(approved.approvedBy).toBe(company.admin.userId)
    expect(await eve.api.companies.byId.query({ companyId: company.id })).toMatchObject({ role: 'viewer' })
    expect((await eve.api.me.companies.query()).items).toMatchObject([{ companySlug: company.slug, role: 'viewer' }])
  })

  test('whoever is approved without a role becomes a member', async ({ world }) => {
    const [company, eve] = await Promise.all([world.company(), world.signUp()])
    await eve.api.companies.requestJoin.mutate({ slug: company.slug })
    const member = { companyId: company.id, userId: eve.userId }
    expect(await company.admin.api.companies.members.approve.mutate(member)).toMatchObject({ role: 'member' })
  })

  test('requests are seen by admins and by nobody else', async ({ world }) => {
    const [company, other, eve] = await Promise.all([world.company(), world.company(), world.signUp()])
    await eve.api.companies.requestJoin.mutate({ slug: company.slug })
    const pending = (person: Person) =>
      person.api.companies.members.list.query({ companyId: company.id, status: 'pending' })
    expect((await pending(company.admin)).items.map(({ userId }) => userId)).toEqual([eve.userId])
    expect((await pending(company.member)).items).toEqual([])
    expect(await refusal(pending(other.admin))).toMatchObject(unseen)
    expect(await refusal(pending(eve))).toMatchObject(unseen)
  })

  test('members cannot decide on a request, nor can an admin of another company', async ({ world }) => {
    const [company, other, eve] = await Promise.all([world.company(), world.company(), world.signUp()])
    await eve.api.companies.requestJoin.mutate({ slug: company.slug })
    const request = { companyId: company.id, userId: eve.userId }
    for (const verb of ['approve', 'reject'] as const) {
      const decide = (person: Person) => person.api.companies.members[verb].mutate(request)
      expect(await refusal(decide(company.member))).toMatchObject(needsRole('admin'))
      expect(await refusal(decide(other.admin))).toMatchObject(unseen)
      expect(await refusal(decide(eve))).toMatchObject(unseen)
    }
  })

  test('an unknown short name is not found, and faults are listed', async ({ world }) => {
    const [{ admin, id: companyId }, eve] = await Promise.all([world.company(), world.signUp()])
    expect(await refusal(eve.api.companies.requestJoin.mutate({ slug: 'no-such-company' }))).toMatchObject(unseen)
    expect(await faultyPaths(eve.api.companies.requestJoin.mutate({ slug: 'x' }))).toEqual(['slug'])
    const nonsense = { companyId: 'ours', userId: 'eve' }
    expect(await faultyPaths(admin.api.companies.members.approve.mutate(nonsense))).toEqual(['companyId', 'userId'])
    const stranger = admin.api.companies.members.approve.mutate({ companyId, userId: eve.userId })
    expect(await refusal(stranger)).toMatchObject(unseen)
  })

  test('asking twice is a conflict, also for who belongs to the company already', async ({ world }) => {
    const [company, eve] = await Promise.all([world.company(), world.signUp()])
    await eve.api.companies.requestJoin.mutate({ slug: company.slug })
    expect(await refusal(eve.api.companies.requestJoin.mutate({ slug: company.slug }))).toMatchObject(alreadyThere)
    const again = company.member.api.companies.requestJoin.mutate({ slug: company.slug })
    expect(await refusal(again)).toMatchObject(alreadyThere)
  })

  test('a rejected person may ask again and be let in', async ({ world }) => {
    const [company, eve] = await Promise.all([world.company(), world.signUp()])
    const { members } = company.admin.api.companies
    const member = { companyId: company.id, userId: eve.userId }
    await eve.api.companies.requestJoin.mutate({ slug: company.slug })
    expect(await members.reject.mutate(member)).toMatchObject({ status: 'rejected' })
    expect((await eve.api.me.companies.query()).items).toMatchObject([{ status: 'rejected', companyName: null }])
    expect(await refusal(members.approve.mutate(member))).toMatchObject({
      ...notNow,
      message: expect.stringContaining('rejected'),
    })
    expect(await eve.api.companies.requestJoin.mutate({ slug: company.slug })).toMatchObject({ status: 'pending' })
    expect(await members.approve.mutate(member)).toMatchObject({ status: 'approved' })
  })

  test('the sixth person does not fit into the free plan, whoever is approved first', async ({ world }) => {
    const [company, ...people] = await Promise.all([world.company(), world.signUp(), world.signUp(), world.signUp()])
    await Promise.all(people.map(({ api }) => api.companies.requestJoin.mutate({ slug: company.slug })))
    const { approve } = company.admin.api.companies.members
    const outcomes = await Promise.allSettled(
      people.map(({ userId }) => approve.mutate({ companyId: company.id, userId })),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    const { items } = await company.admin.api.companies.members.list.query({ companyId: company.id, status: 'pending' })
    const last = refusal(approve.mutate({ companyId: company.id, userId: items[0]?.userId ?? '' }))
    expect(await last).toMatchObject({ code: 'QUOTA_EXCEEDED', message: expect.stringContaining('5 people') })
  })

  test('a person belongs to several companies with a role in each', async ({ world }) => {
    const [one, two, eve] = await Promise.all([world.company(), world.company(), world.signUp()])
    await join(one.admin, eve, one, 'admin')
    await join(two.admin, eve, two, 'viewer')
    const { items } = await eve.api.companies.list.query({})
    expect(new Map(items.map(({ id, role }) => [id, role]))).toEqual(
      new Map([
        [one.id, 'admin'],
        [two.id, 'viewer'],
      ]),
    )
  })
})
