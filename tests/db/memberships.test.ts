import { describe, expect } from 'vitest'
import { companyRow, enrol, signUp } from './support/people.ts'
import { insertRow, type Run, refusalOf, runAs } from './support/run.ts'
import { test as base } from './support/two-companies.ts'

const test = base
  .extend('database', { scope: 'file' }, ({ clone }) => clone.open({ maxConnections: 4 }))
  .extend('newcomer', ({ owner }) => signUp(owner))

const onlyAnAdmin = { state: 'ST001' }
const notThisMove = { state: 'ST003' }
const forbidden = { state: '42501' }

const move = (run: Run, companyId: string, userId: string, change: string) =>
  run(`update user_companies set ${change} where company_id = $1 and user_id = $2 returning status, role`, [
    companyId,
    userId,
  ])

describe('a request to join', () => {
  test('is made in one’s own name, as a pending member and as nothing else', async ({
    database,
    newcomer,
    companies,
  }) => {
    const { id, admin } = companies.ours
    const run = runAs(database, newcomer)
    const own = { company_id: id, user_id: newcomer.userId }
    const beyond = [{ role: 'admin' }, { status: 'approved' }, { approved_by: admin.userId }, { joined_at: 'now' }]
    for (const more of [...beyond, { user_id: admin.userId }]) {
      const refusal = await refusalOf(run(...insertion({ ...own, ...more })))
      expect(refusal, JSON.stringify(more)).toMatchObject(forbidden)
    }
    expect(await refusalOf(run(...insertion(own)))).toBeUndefined()
    expect(await refusalOf(run(...insertion(own)))).toMatchObject({ state: '23505' })
  })

  test('lets nobody promote himself, nor see the company', async ({ database, newcomer, companies: { ours } }) => {
    const run = runAs(database, newcomer)
    await run(...insertion({ company_id: ours.id, user_id: newcomer.userId }))
    for (const change of [
      `status = 'approved'`,
      `role = 'admin'`,
      `role = 'admin', status = 'approved'`,
      `status = 'rejected'`,
    ]) {
      expect(await refusalOf(move(run, ours.id, newcomer.userId, change)), change).toMatchObject(onlyAnAdmin)
    }
    expect(await run('select company_id from user_companies')).toEqual([{ company_id: ours.id }])
    for (const table of ['companies', 'studios', 'workflow_executions', 'company_usage']) {
      expect(await run(`select from ${table}`), table).toEqual([])
    }
  })

  test('is decided by an admin of that company and by nobody else', async ({ database, newcomer, companies }) => {
    const { ours, theirs } = companies
    await runAs(database, newcomer)(...insertion({ company_id: ours.id, user_id: newcomer.userId }))
    const approve = (run: Run, by: string) =>
      move(
        run,
        ours.id,
        newcomer.userId,
        `status = 'approved', role = 'viewer', joined_at = now(), approved_by = '${by}'`,
      )
    for (const other of [ours.member, ours.viewer, theirs.admin]) {
      expect(await approve(runAs(database, other), other.userId)).toEqual([])
    }
    const admin = runAs(database, ours.admin)
    expect(await refusalOf(approve(admin, ours.member.userId))).toMatchObject(onlyAnAdmin)
    expect(await approve(admin, ours.admin.userId)).toEqual([{ status: 'approved', role: 'viewer' }])
    expect(await runAs(database, newcomer)('select id from companies')).toEqual([{ id: ours.id }])
  })
})

describe('a membership', () => {
  test('moves as the contract says and no other way', async ({ owner, database, newcomer, companies: { ours } }) => {
    await enrol(owner, ours.id, newcomer, 'viewer')
    const admin = runAs(database, ours.admin)
    const states = ['pending', 'approved', 'rejected', 'inactive']
    const moves = await owner('select * from app.membership_moves()')
    for (const before of states) {
      for (const after of states) {
        await owner('alter table user_companies disable trigger user_companies_guard')
        await move(owner, ours.id, newcomer.userId, `status = '${before}'`)
        await owner('alter table user_companies enable trigger user_companies_guard')
        const isLegal =
          before === after || moves.some((legal) => legal['before'] === before && legal['after'] === after)
        const refusal = await refusalOf(move(admin, ours.id, newcomer.userId, `status = '${after}'`))
        expect(refusal, `${before} → ${after}`).toEqual(isLegal ? undefined : expect.objectContaining(notThisMove))
      }
    }
  })

  test('is given up by its holder, who cannot take it back', async ({
    owner,
    database,
    newcomer,
    companies: { ours },
  }) => {
    await enrol(owner, ours.id, newcomer, 'member')
    const run = runAs(database, newcomer)
    expect(await move(run, ours.id, newcomer.userId, `status = 'inactive'`)).toHaveLength(1)
    expect(await refusalOf(move(run, ours.id, newcomer.userId, `status = 'approved'`))).toMatchObject(onlyAnAdmin)
    expect(await run('select from companies')).toEqual([])
  })

  test('of another is not touched by a member', async ({ database, companies: { ours } }) => {
    const run = runAs(database, ours.member)
    expect(await move(run, ours.id, ours.viewer.userId, `status = 'inactive'`)).toEqual([])
    expect(await refusalOf(move(run, ours.id, ours.member.userId, `role = 'admin'`))).toMatchObject(onlyAnAdmin)
  })
})

describe('the last admin', () => {
  test('neither leaves nor steps down', async ({ database, companies: { ours } }) => {
    const run = runAs(database, ours.admin)
    for (const change of [`status = 'inactive'`, `role = 'member'`]) {
      expect(await refusalOf(move(run, ours.id, ours.admin.userId, change))).toMatchObject({ state: 'ST004' })
    }
  })

  test('is the one that remains when two leave at the same moment', async ({ owner, database }) => {
    const [one, two] = [await signUp(owner), await signUp(owner)]
    const { id } = await insertRow(owner, 'companies', companyRow(one))
    await enrol(owner, String(id), two, 'admin')
    const leaving = [one, two].map((admin) =>
      refusalOf(move(runAs(database, admin), String(id), admin.userId, `status = 'inactive'`)),
    )
    expect((await Promise.all(leaving)).filter((refusal) => refusal?.state === 'ST004')).toHaveLength(1)
    expect(await owner(`select from user_companies where company_id = $1 and status = 'approved'`, [id])).toHaveLength(
      1,
    )
  })
})

describe('a company', () => {
  test('is registered in one’s own name, on the free plan, and makes its founder its admin', async ({
    database,
    newcomer,
    companies,
  }) => {
    const run = runAs(database, newcomer)
    const register = (more: object) => refusalOf(run(...insertion({ ...companyRow(newcomer), ...more }, 'companies')))
    const beyond = [
      { plan: 'enterprise' },
      { status: 'suspended' },
      { created_by: companies.ours.admin.userId },
      { deleted_at: 'now' },
    ]
    for (const more of beyond) expect(await register(more), JSON.stringify(more)).toMatchObject(forbidden)
    expect(await register({})).toBeUndefined()
    expect(await run('select role, status, approved_by from user_companies')).toEqual([
      { role: 'admin', status: 'approved', approved_by: newcomer.userId },
    ])
  })

  test('is changed by its admin and never in plan, state or short name', async ({
    database,
    companies: { ours, theirs },
  }) => {
    const rename = (run: Run) => run(`update companies set name = 'Renamed' where id = $1 returning id`, [ours.id])
    for (const other of [ours.member, ours.viewer, theirs.admin])
      expect(await rename(runAs(database, other))).toEqual([])
    expect(await rename(runAs(database, ours.admin))).toHaveLength(1)
    for (const change of [
      `plan = 'pro'`,
      `status = 'active'`,
      `slug = 'other'`,
      `created_by = created_by`,
      `settings = '{}'`,
    ]) {
      expect(await refusalOf(runAs(database, ours.admin)(`update companies set ${change}`)), change).toMatchObject(
        forbidden,
      )
    }
  })
})

describe('a profile', () => {
  test('is renamed by its person alone, seen by colleagues, and never switched back on', async ({
    database,
    newcomer,
    companies,
  }) => {
    const { ours, theirs } = companies
    const names = (run: Run) => run('select full_name from user_profiles where id = $1', [ours.viewer.userId])
    const rename = (run: Run) =>
      run(`update user_profiles set full_name = 'Renamed' where id = $1 returning id`, [ours.viewer.userId])
    for (const stranger of [newcomer, theirs.admin]) expect(await names(runAs(database, stranger))).toEqual([])
    expect(await names(runAs(database, ours.member))).toHaveLength(1)
    expect(await rename(runAs(database, ours.admin))).toEqual([])
    expect(await rename(runAs(database, ours.viewer))).toHaveLength(1)
    const change = runAs(database, newcomer)(`update user_profiles set status = 'active'`)
    expect(await refusalOf(change)).toMatchObject(forbidden)
  })
})

/** An insert without RETURNING: what was asked for need not be visible to who asks. */
function insertion(row: Record<string, unknown>, table = 'user_companies'): [string, unknown[]] {
  const places = Object.keys(row).map((_, index) => `$${index + 1}`)
  return [`insert into ${table} (${Object.keys(row)}) values (${places})`, Object.values(row)]
}
