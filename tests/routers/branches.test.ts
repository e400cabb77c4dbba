import { describe, expect } from 'vitest'
import { test } from '../support/world.ts'
import { sorted } from './lists.ts'
import { alreadyThere, faultyPaths, needsRole, notNow, refusal, unseen } from './refusal.ts'

const harbour = { name: 'Harbour', address: '2 Quay Road', contactEmail: 'harbour@example.com' }

describe('branches', () => {
  test('an admin adds, changes and removes branches', async ({ world }) => {
    const { id: companyId, admin, viewer } = await world.company()
    const { branches } = admin.api.companies
    expect((await branches.add.mutate({ companyId, ...harbour })).branches).toEqual([harbour])
    await branches.add.mutate({ companyId, name: 'Airport', address: '3 Runway Street' })
    const moved = {
      companyId,
      branchName: 'HARBOUR',
      name: 'Old Harbour',
      contactEmail: null,
      contactPhone: '+49 40 1',
    }
    await branches.update.mutate({ ...moved, contactPhone: '+49 40 12345' })
    expect((await viewer.api.companies.byId.query({ companyId })).branches).toEqual([
      { name: 'Old Harbour', address: '2 Quay Road', contactPhone: '+49 40 12345' },
      { name: 'Airport', address: '3 Runway Street' },
    ])
    const left = await branches.remove.mutate({ companyId, branchName: 'old harbour' })
    expect(left.branches.map(({ name }) => name)).toEqual(['Airport'])
  })

  test('another company cannot touch them, and a branch that is not there is named', async ({ world }) => {
    const [ours, theirs] = await Promise.all([world.company({ branches: [harbour] }), world.company()])
    const companyId = ours.id
    const branchName = 'Harbour'
    const { branches } = theirs.admin.api.companies
    expect(await refusal(branches.add.mutate({ companyId, ...harbour, name: 'Ours now' }))).toMatchObject(unseen)
    expect(await refusal(branches.update.mutate({ companyId, branchName, address: 'moved away' }))).toMatchObject(
      unseen,
    )
    expect(await refusal(branches.remove.mutate({ companyId, branchName }))).toMatchObject(unseen)
    const gone = await refusal(ours.admin.api.companies.branches.remove.mutate({ companyId, branchName: 'Moon' }))
    expect(gone).toMatchObject({ ...unseen, message: expect.stringContaining('Moon') })
  })

  test('members cannot change them and are told which role can', async ({ world }) => {
    const { id: companyId, member } = await world.company({ branches: [harbour] })
    const { branches } = member.api.companies
    const branchName = 'Harbour'
    expect(await refusal(branches.add.mutate({ companyId, ...harbour }))).toMatchObject(needsRole('admin'))
    expect(await refusal(branches.update.mutate({ companyId, branchName }))).toMatchObject(needsRole('admin'))
    expect(await refusal(branches.remove.mutate({ companyId, branchName }))).toMatchObject(needsRole('admin'))
  })

  test('every fault of a branch is listed with its place', async ({ world }) => {
    const { id: companyId, admin } = await world.company()
    const { branches } = admin.api.companies
    const faults = { name: ' ', address: 'a\u0007b', contactEmail: 'x', contactPhone: '1' }
    const expected = ['address', 'address', 'contactEmail', 'contactPhone', 'name']
    expect(await faultyPaths(branches.add.mutate({ companyId, ...faults }))).toEqual(expected)
    expect(await faultyPaths(branches.update.mutate({ companyId, branchName: 'Moon', ...faults }))).toEqual(expected)
    expect(await faultyPaths(branches.remove.mutate({ companyId, branchName: 'x'.repeat(101) }))).toEqual([
      'branchName',
    ])
  })

  test('two branches never share a name, also when they are added at the same moment', async ({ world }) => {
    const { id: companyId, admin } = await world.company({ branches: [harbour, { ...harbour, name: 'Airport' }] })
    const { branches } = admin.api.companies
    expect(await refusal(branches.add.mutate({ companyId, ...harbour, name: 'hArBoUr' }))).toMatchObject(alreadyThere)
    const rename = branches.update.mutate({ companyId, branchName: 'Airport', name: 'Harbour' })
    expect(await refusal(rename)).toMatchObject(alreadyThere)
    const adding = Array.from({ length: 6 }, () => branches.add.mutate({ companyId, ...harbour, name: 'Station' }))
    const outcomes = await Promise.allSettled(adding)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('branches added at the same moment are all kept', async ({ world }) => {
    const { id: companyId, admin } = await world.company()
    const names = ['One', 'Two', 'Three', 'Four', 'Five', 'Six']
    await Promise.all(names.map((name) => admin.api.companies.branches.add.mutate({ companyId, ...harbour, name })))
    const { branches } = await admin.api.companies.byId.query({ companyId })
    expect(sorted(branches.map(({ name }) => name))).toEqual(sorted(names))
  })

  test('a company has at most 200 branches', async ({ world }) => {
    const many = Array.from({ length: 200 }, (_, index) => ({ ...harbour, name: `Branch ${index}` }))
    const { id: companyId, admin } = await world.company({ branches: many })
    expect(await refusal(admin.api.companies.branches.add.mutate({ companyId, ...harbour }))).toMatchObject(notNow)
  })
})
