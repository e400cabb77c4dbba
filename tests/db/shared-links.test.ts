import { createHash } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Run, refusalOf, runAs, runOn } from './support/run.ts'
import { test as base } from './support/two-companies.ts'

const test = base
  .extend('database', { scope: 'file' }, ({ clone }) => clone.open())
  .extend('api', { scope: 'file' }, async ({ clone }) => runOn(await clone.connect()))
  .extend('worker', { scope: 'file' }, async ({ clone }) => runOn(await clone.connect(clone.workerUrl)))

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')
const forbidden = { state: '42501' }
const visitor = JSON.stringify({ id: 'visit-of-somebody', ip: '192.0.2.7', agent: 'tests' })

const functions = [
  `select * from app.look_at_share($1, null)`,
  `select * from app.try_share($1)`,
  `select app.settle_share($1, false, '{}')`,
  `select app.take_share($1, '{}')`,
]

describe('the functions behind shared links', () => {
  test('are the API’s own: no caller reaches them, and nobody enters a folder but the worker', async ({
    api,
    database,
    companies: { ours },
  }) => {
    const caller = runAs(database, ours.admin)
    for (const statement of [...functions, `select * from app.enter_shared_folder($1)`])
      expect(await refusalOf(caller(statement, [hashOf(ours.secret)])), statement).toMatchObject(forbidden)
    const entering = api(`select * from app.enter_shared_folder($1)`, [hashOf(ours.secret)])
    expect(await refusalOf(entering)).toMatchObject(forbidden)
    for (const inner of ['app.share_opens(null)', `app.record_opening(null, 'open', '{}')`])
      expect(await refusalOf(api(`select ${inner}`)), inner).toMatchObject(forbidden)
  })

  test('tell nothing to who has not the token’s hash', async ({ api, owner }) => {
    const before = await owner('select * from file_shares order by id')
    for (const token of ['', 'x', '%', hashOf('x')]) {
      const answers: unknown[] = []
      for (const statement of functions) answers.push(...(await api(statement, [token])))
      expect(answers).toEqual([{ settle_share: '' }, { take_share: false }])
    }
    expect(await owner('select * from file_shares order by id')).toEqual(before)
    expect(await refusalOf(api('select token_hash from file_shares'))).toMatchObject(forbidden)
  })

  test('write what admins see and members do not', async ({ api, database, companies: { ours, theirs } }) => {
    const [seen] = await api('select * from app.look_at_share($1, $2)', [hashOf(ours.secret), visitor])
    expect(seen).toMatchObject({ filename: ours.secret, needs_password: false })
    const read = (run: Run) =>
      run(
        `select action, ip_address, user_id from audit_logs where actor = 'link' and request_id = 'visit-of-somebody'`,
      )
    expect(await read(runAs(database, ours.admin))).toEqual([
      { action: 'open', ip_address: '192.0.2.7', user_id: null },
    ])
    for (const caller of [ours.member, theirs.admin]) expect(await read(runAs(database, caller))).toEqual([])
  })

  test('let the worker count a use and act in the maker’s name, and no more', async ({ worker, owner, companies }) => {
    const { ours } = companies
    expect(await worker('select app.take_share($1, $2) as taken', [hashOf(ours.secret), visitor])).toEqual([
      { taken: true },
    ])
    await owner('update file_shares set uses = 0 where company_id = $1', [ours.id])
    expect(await worker('select * from app.enter_shared_folder($1)', [hashOf(ours.secret)])).toEqual([])
    for (const statement of functions.slice(0, 3))
      expect(await refusalOf(worker(statement, [hashOf(ours.secret)])), statement).toMatchObject(forbidden)
  })
})

describe('a link', () => {
  test('shows its hashes to nobody and is changed by nobody but to be revoked', async ({ database, companies }) => {
    const run = runAs(database, companies.ours.admin)
    for (const column of ['token_hash', 'password_hash', 'failed_attempts'])
      expect(await refusalOf(run(`select ${column} from file_shares`)), column).toMatchObject(forbidden)
    const changes = [
      `uses = 0`,
      `max_uses = null`,
      `expires_at = '2999-01-01'`,
      `created_by = created_by`,
      `token_hash = 'x'`,
    ]
    for (const change of changes)
      expect(await refusalOf(run(`update file_shares set ${change}`)), change).toMatchObject(forbidden)
  })

  test('is revoked with all of its company by an admin of it alone', async ({ database, owner, companies }) => {
    const { ours, theirs } = companies
    const revoke = (caller: typeof ours.admin, company: string) =>
      runAs(database, caller)('select app.revoke_shares($1) as revoked', [company])
    for (const caller of [ours.member, ours.viewer, theirs.admin])
      expect(await refusalOf(revoke(caller, ours.id))).toMatchObject({ state: 'ST001' })
    expect(await revoke(ours.admin, ours.id)).toEqual([{ revoked: 1 }])
    expect(await revoke(ours.admin, ours.id)).toEqual([{ revoked: 0 }])
    expect(
      await owner('select id from file_shares where company_id = $1 and revoked_at is null', [theirs.id]),
    ).toHaveLength(1)
    const reopened = runAs(database, ours.admin)('update file_shares set revoked_at = null where company_id = $1', [
      ours.id,
    ])
    expect(await refusalOf(reopened)).toMatchObject({ state: 'ST003' })
  })
})
