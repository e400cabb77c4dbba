import { describe, expect } from 'vitest'
import { mostBranches } from '../../src/contracts/companies.ts'
import { applyEffects } from '../../src/services/workflows/effects/apply.ts'
import { enrol, signUp } from '../db/support/people.ts'
import { applyAll, ask, branch, branchesOf, contact, effectsOf, insight, test, toldOf } from './effect-runs.ts'

const outcomes = async (rows: Promise<Record<string, unknown>[]>) => (await rows).map(({ outcome }) => outcome)

describe('effects of a run', () => {
  test('are applied in their order, each with what it changed and in whose name', async ({ owner, worker, tenant }) => {
    const { id, admin } = tenant
    const effects = [
      branch('North', { contactEmail: 'north@example.com' }),
      branch('NORTH', { address: '2 Other Road' }),
      contact({ contactPhone: '+1 555 0100', headquartersAddress: '9 Example Street, Sampleton' }),
      insight('Late payers', 'high'),
    ]
    const executionId = await ask({ owner, worker }, tenant, effects)
    await applyAll(worker)
    const north = { name: 'North', address: '1 North Road', contactEmail: 'north@example.com' }
    const moved = { ...north, address: '2 Other Road' }
    expect(await branchesOf(owner, tenant)).toEqual([moved])
    const [company] = await owner(
      'select contact_email, contact_phone, headquarters_address from companies where id = $1',
      [id],
    )
    const [recorded] = await owner('select * from insights where execution_id = $1', [executionId])
    expect(company).toEqual({
      contact_email: 'office@example.com',
      contact_phone: '+1 555 0100',
      headquarters_address: '9 Example Street, Sampleton',
    })
    expect(recorded).toMatchObject({ company_id: id, ordinal: 4, title: 'Late payers', importance: 'high' })
    const userId = admin.userId
    const before = {
      contactEmail: 'office@example.com',
      contactPhone: null,
      headquartersAddress: '1 Example Street, Sampleton',
    }
    const rows = await effectsOf(owner, executionId)
    expect(rows.map(({ result }) => result)).toEqual([
      { entity: 'branch', id: 'North', before: null, after: north, userId },
      { entity: 'branch', id: 'North', before: north, after: moved, userId },
      { entity: 'company', id, before, after: { ...before, ...effects[2]?.arguments }, userId },
      {
        entity: 'insight',
        id: recorded?.['id'],
        before: null,
        after: { title: 'Late payers', importance: 'high' },
        userId,
      },
    ])
    for (const row of rows)
      expect(row).toMatchObject({ outcome: 'applied', reason: null, applied_at: expect.any(Date) })
    const ordinals = [1, 2, 3, 4]
    expect(await toldOf(owner, executionId)).toEqual([
      ...ordinals.map((ordinal) => `${ordinal} waiting`),
      ...ordinals.map((ordinal) => `${ordinal} applied`),
    ])
    const audited = await owner(
      `select resource_type, actor, user_id from audit_logs where company_id = $1 and user_id is not null and actor = 'worker' order by created_at`,
      [id],
    )
    const named = { actor: 'worker', user_id: userId }
    expect(audited).toEqual(
      ['companies', 'companies', 'companies', 'insights'].map((resource_type) => ({ resource_type, ...named })),
    )
  })

  test('are of the run’s own company, whatever its arguments say', async ({ owner, worker, tenant, companies }) => {
    const { theirs } = companies
    const before = await owner('select * from companies where id <> $1 order by id', [tenant.id])
    const foreign = { companyId: theirs.id, company_id: theirs.id, id: theirs.id }
    const effects = [branch('North'), branch('South', foreign), contact({ contactPhone: null, ...foreign })]
    const executionId = await ask({ owner, worker }, tenant, effects)
    await applyAll(worker)
    expect(await outcomes(effectsOf(owner, executionId))).toEqual(['applied', 'refused', 'refused'])
    expect(await owner('select * from companies where id <> $1 order by id', [tenant.id])).toEqual(before)
  })

  test('need the rights that the starter has at that moment, and one refusal hides nothing', async ({
    owner,
    worker,
    tenant,
  }) => {
    const second = await signUp(owner)
    await enrol(owner, tenant.id, second, 'admin')
    const effects = [branch('North'), insight('Still recorded'), contact({ contactPhone: null })]
    const executionId = await ask({ owner, worker }, tenant, effects, { starter: second })
    await owner(`update user_companies set role = 'member' where user_id = $1`, [second.userId])
    await applyAll(worker)
    const rows = await effectsOf(owner, executionId)
    const tooLow = expect.stringContaining('This needs the role admin')
    expect(rows.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['refused', tooLow],
      ['applied', null],
      ['refused', tooLow],
    ])
    expect(await branchesOf(owner, tenant)).toEqual([])
    expect((await toldOf(owner, executionId)).slice(3)).toEqual(['1 refused', '2 applied', '3 refused'])
  })

  test.for([
    ['is only a viewer', `update user_companies set role = 'viewer' where user_id = $1`],
    ['has left the company', `update user_companies set status = 'inactive' where user_id = $1`],
    ['is switched off', `update user_profiles set status = 'inactive' where id = $1`],
  ])('are refused once the starter %s', async ([, change], { owner, worker, tenant }) => {
    const executionId = await ask({ owner, worker }, tenant, [insight('Never')], { starter: tenant.member })
    await owner(change ?? '', [tenant.member.userId])
    await applyAll(worker)
    expect(await effectsOf(owner, executionId)).toMatchObject([
      { outcome: 'refused', reason: expect.stringContaining('the role member'), result: null, applied_at: null },
    ])
    expect(await owner('select from insights where execution_id = $1', [executionId])).toEqual([])
  })

  test('are refused where the starter may not enter the studio any more', async ({ owner, worker, tenant }) => {
    const studioId = tenant.restrictedStudioId
    const executionId = await ask({ owner, worker }, tenant, [insight('Never')], { starter: tenant.member, studioId })
    await applyAll(worker)
    expect(await outcomes(effectsOf(owner, executionId))).toEqual(['refused'])
  })

  test.for([
    ['archived', 'update studios set archived_at = now() where company_id = $1'],
    ['suspended', `update companies set status = 'suspended' where id = $1`],
    ['not there', 'update companies set deleted_at = now() where id = $1'],
  ])('are refused where the place is %s', async ([word, change], { owner, worker, tenant }) => {
    const executionId = await ask({ owner, worker }, tenant, [branch('North'), insight('Never')])
    await owner(change ?? '', [tenant.id])
    await applyAll(worker)
    for (const row of await effectsOf(owner, executionId))
      expect(row).toMatchObject({ outcome: 'refused', reason: expect.stringContaining(word ?? '?') })
    expect(await branchesOf(owner, tenant)).toEqual([])
  })

  test('add no branch beyond what a company may have, and update those that are there', async ({
    owner,
    worker,
    tenant,
  }) => {
    const full = Array.from({ length: mostBranches }, (_, place) => ({
      name: `Branch ${place}`,
      address: '1 Example Road',
    }))
    await owner('update companies set branches = $2 where id = $1', [tenant.id, JSON.stringify(full)])
    const executionId = await ask({ owner, worker }, tenant, [branch('One more'), branch('branch 7')])
    await applyAll(worker)
    const rows = await effectsOf(owner, executionId)
    expect(rows).toMatchObject([
      { outcome: 'refused', reason: expect.stringContaining('at most 200 branches') },
      { outcome: 'applied', result: { id: 'Branch 7' } },
    ])
    const branches = await branchesOf(owner, tenant)
    expect(branches).toHaveLength(mostBranches)
    expect(branches[7]).toEqual({ name: 'Branch 7', address: '1 branch 7 Road' })
  })

  test('are none of those that nobody waits for', async ({ owner, worker, tenant }) => {
    const executionId = await ask({ owner, worker }, tenant, [])
    expect(await applyEffects(worker)).toBe(false)
    expect(await toldOf(owner, executionId)).toEqual([])
  })
})
