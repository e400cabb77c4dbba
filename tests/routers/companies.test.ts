import { describe, expect } from 'vitest'
import { companyFields, test, unique } from '../support/world.ts'
import { sorted } from './lists.ts'
import { alreadyThere, faultyPaths, needsRole, refusal, unseen } from './refusal.ts'

const nowhere = '00000000-0000-4000-8000-000000000000'

describe('registering a company', () => {
  test('whoever registers a company is its admin and finds it by id and in the list', async ({ world }) => {
    const ana = await world.signUp()
    const branches = [{ name: 'Harbour', address: '2 Quay Road', contactPhone: '+49 40 123456' }]
    const company = await ana.api.companies.create.mutate(companyFields({ name: `Café ${unique()} GmbH`, branches }))
    expect(company).toMatchObject({ role: 'admin', plan: 'free', status: 'active', branches, contactPhone: null })
    expect(company.slug).toMatch(/^cafe-[0-9a-f]{10}-gmbh$/)
    expect(await ana.api.companies.byId.query({ companyId: company.id })).toEqual(company)
    expect(await ana.api.companies.list.query({})).toEqual({ items: [company], nextCursor: null })
  })

  test('a name that one person has registered is refused in any case, and another person may use it', async ({
    world,
  }) => {
    const [ana, bob] = await Promise.all([world.signUp(), world.signUp()])
    const fields = companyFields()
    const first = await ana.api.companies.create.mutate(fields)
    const again = ana.api.companies.create.mutate({ ...fields, name: fields.name.toUpperCase() })
    expect(await refusal(again)).toMatchObject(alreadyThere)
    const namesake = await bob.api.companies.create.mutate(fields)
    expect(namesake.slug).toMatch(new RegExp(`^${first.slug}-[0-9a-f]{8}$`))
  })

  test('people who register the same name at the same moment all get their company', async ({ world }) => {
    const people = await Promise.all(Array.from({ length: 5 }, () => world.signUp()))
    const fields = companyFields()
    const companies = await Promise.all(people.map(({ api }) => api.companies.create.mutate(fields)))
    expect(new Set(companies.map(({ slug }) => slug)).size).toBe(5)
  })

  test('a name without Latin letters still gets a short name', async ({ world }) => {
    const ana = await world.signUp()
    const company = await ana.api.companies.create.mutate(companyFields({ name: '株式会社の例' }))
    expect(company.slug).toMatch(/^company/)
  })

  test('every fault of a registration is listed with its place, and nothing is written', async ({ world }) => {
    const ana = await world.signUp()
    const branch = { name: 'Twin', address: '2 Quay Road' }
    const faults = companyFields({ name: 'a\u0000b', contactEmail: 'nobody', headquartersAddress: 'here' })
    const bad = ana.api.companies.create.mutate({ ...faults, branches: [{ ...branch, address: 'x' }] })
    expect(await faultyPaths(bad)).toEqual(['branches.0.address', 'contactEmail', 'headquartersAddress', 'name'])
    const twins = companyFields({ branches: [branch, { ...branch, name: 'TWIN' }] })
    expect(await faultyPaths(ana.api.companies.create.mutate(twins))).toEqual(['branches.1.name'])
    expect((await ana.api.companies.list.query({})).items).toEqual([])
  })

  test('the list goes through all pages, each company exactly once, newest first', async ({ world }) => {
    const ana = await world.signUp()
    const made = await Promise.all(Array.from({ length: 5 }, () => ana.api.companies.create.mutate(companyFields())))
    const first = await ana.api.companies.list.query({ limit: 2 })
    const second = await ana.api.companies.list.query({ limit: 2, cursor: first.nextCursor ?? '' })
    const third = await ana.api.companies.list.query({ limit: 2, cursor: second.nextCursor ?? '' })
    const listed = [...first.items, ...second.items, ...third.items]
    expect(sorted(listed.map(({ id }) => id))).toEqual(sorted(made.map(({ id }) => id)))
    const times = listed.map(({ createdAt }) => createdAt)
    expect(times).toEqual(sorted(times).reverse())
    expect(third.nextCursor).toBeNull()
    expect(await faultyPaths(ana.api.companies.list.query({ limit: 101, cursor: 'x'.repeat(2001) }))).toEqual([
      'cursor',
      'limit',
    ])
    const beforeTime = ['0000-01-01T00:00:00.000Z', nowhere]
    for (const cursor of ['made-up', Buffer.from(JSON.stringify(beforeTime)).toString('base64url')])
      expect(await faultyPaths(ana.api.companies.list.query({ cursor }))).toEqual(['cursor'])
  })
})

describe('a company', () => {
  test('an admin changes what is given and leaves the rest', async ({ world }) => {
    const { id: companyId, admin, viewer } = await world.company({ contactPhone: '+1 555 0100' })
    const before = await viewer.api.companies.byId.query({ companyId })
    const name = `Renamed ${unique()}`
    const changed = await admin.api.companies.update.mutate({ companyId, name, contactPhone: null })
    expect(changed).toMatchObject({ name, contactPhone: null, industryType: before.industryType, slug: before.slug })
    expect(await admin.api.companies.update.mutate({ companyId })).toEqual(changed)
  })

  test('another company sees nothing of it', async ({ world }) => {
    const [ours, theirs] = await Promise.all([world.company(), world.company()])
    const companyId = ours.id
    const { api } = theirs.admin
    expect(await refusal(api.companies.byId.query({ companyId }))).toMatchObject(unseen)
    expect(await refusal(api.companies.byId.query({ companyId: nowhere }))).toMatchObject(unseen)
    expect(await refusal(api.companies.update.mutate({ companyId, name: 'Taken over' }))).toMatchObject(unseen)
    expect((await api.companies.list.query({})).items.map(({ id }) => id)).toEqual([theirs.id])
  })

  test('members and viewers cannot change it and are told which role can', async ({ world }) => {
    const { id: companyId, member, viewer } = await world.company()
    for (const { api } of [member, viewer]) {
      expect(await refusal(api.companies.update.mutate({ companyId, name: 'Not mine' }))).toMatchObject(
        needsRole('admin'),
      )
    }
  })

  test('a change with faults is refused whole', async ({ world }) => {
    const { id: companyId, admin } = await world.company()
    const change = { companyId, name: 'ab', contactEmail: '@', headquartersAddress: '', contactPhone: 'call me' }
    expect(await faultyPaths(admin.api.companies.update.mutate(change))).toEqual([
      'contactEmail',
      'contactPhone',
      'headquartersAddress',
      'name',
    ])
    expect(await faultyPaths(admin.api.companies.byId.query({ companyId: 'acme' }))).toEqual(['companyId'])
  })

  test('an admin of two companies cannot give one the name of the other', async ({ world }) => {
    const ana = await world.signUp()
    const [one, two] = await Promise.all([
      ana.api.companies.create.mutate(companyFields()),
      ana.api.companies.create.mutate(companyFields()),
    ])
    const rename = ana.api.companies.update.mutate({ companyId: one.id, name: two.name })
    expect(await refusal(rename)).toMatchObject(alreadyThere)
  })
})
