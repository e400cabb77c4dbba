import { describe, expect } from 'vitest'
import type { Database } from '../../../src/db/client.ts'
import { signClaims } from '../../../src/db/scope.ts'
import { type Run, refusalOf, runAs, transactAs } from '../support/run.ts'
import type { Tenant } from '../support/tenant.ts'
import { test } from '../support/two-companies.ts'

/** What a caller sees, and how: everything that something left on the connection might change. */
const view = `select current_user as role, session_user as login, app.user_id() as person,
  (select array_agg(name order by name) from studios) as studios, current_setting('search_path') as path,
  timestamptz '2026-02-03 04:05:06Z' as moment, '2026-02-03'::date::text as day, 'ä€' as letters, 'a\\nb' as slashes,
  nullif(null = null, false) as compared, current_setting('app.request')::json ->> 'ip' as address, pg_backend_pid() as pid`

interface Leaving {
  name: string
  /** Sent one by one, each as a request of its own. */
  statements: (own: string) => string[]
  next: 'unaffected' | 'on another connection' | 'refused'
}

const leave = (name: string, next: Leaving['next'], ...statements: string[]): Leaving => ({
  name,
  next,
  statements: () => statements,
})

const leavings: Leaving[] = [
  leave('another role', 'unaffected', `select set_config('role', 'anon', false)`),
  leave('no role', 'unaffected', 'set role none'),
  leave('another search path', 'on another connection', 'set search_path = pg_temp, extensions'),
  { name: 'own claims', next: 'unaffected', statements: (own) => [`select set_config('app.claims', '${own}', false)`] },
  leave('request details', 'unaffected', `select set_config('app.request', '{"ip": "6.6.6.6"}', false)`),
  leave('broken request details', 'unaffected', `select set_config('app.request', '{', false)`),
  leave(
    'prepared statements',
    'unaffected',
    'prepare studios as select 1',
    'prepare "select" as select 2',
    'prepare s1 as select 3',
    'deallocate s1',
  ),
  leave('an open cursor', 'unaffected', 'declare left_open cursor with hold for select * from studios'),
  leave('a lock', 'unaffected', 'select pg_advisory_lock(1)'),
  leave('an ear', 'unaffected', 'listen studios_events'),
  leave('planner settings', 'unaffected', 'set enable_indexscan = off', 'set plan_cache_mode = force_generic_plan'),
  leave('comparisons with null', 'unaffected', 'set transform_null_equals = on', 'reset transform_null_equals'),
  leave(
    'temporary tables named as ours',
    'unaffected',
    'create temp table studios as select * from public.studios',
    'create temp view companies as select * from public.companies',
    'grant all on all tables in schema pg_temp to public',
  ),
  leave('a transaction', 'on another connection', 'begin'),
  leave('another time zone', 'on another connection', `set timezone = 'Asia/Tokyo'`),
  leave('another date style', 'on another connection', `set datestyle = 'SQL, DMY'`),
  leave('another encoding', 'on another connection', 'set client_encoding = LATIN1'),
  leave('other strings', 'on another connection', 'set standard_conforming_strings = off'),
  leave('a read-only session', 'on another connection', 'set default_transaction_read_only = on'),
  leave('row security off', 'refused', 'set row_security = off'),
]

async function viewOf(run: Run): Promise<{ pid: unknown; rest: unknown }> {
  const [{ pid, ...rest } = {}] = await run(view)
  return { pid, rest }
}

function leaveBehind(database: Database, { admin }: Tenant, statements: string[]): Promise<void> {
  const run = runAs(database, admin)
  return statements.reduce(
    (before, statement) => before.then(() => run(statement)).then(() => undefined),
    Promise.resolve(),
  )
}

describe('the next caller on the connection', () => {
  test.for(leavings)('is not reached by $name', async ({ statements, next }, { clone, owner, companies }) => {
    await owner(`grant temporary on database ${new URL(clone.ownerUrl).pathname.slice(1)} to public`)
    const { ours, theirs } = companies
    const database = clone.open({ maxConnections: 1 })
    const caller = runAs(database, theirs.viewer)
    const before = await viewOf(caller)
    await leaveBehind(database, ours, statements(signClaims(ours.admin, clone.scopeKey)))
    if (next === 'refused') return expect(await refusalOf(caller(view))).toMatchObject({ state: '42501' })
    const after = await viewOf(caller)
    expect(after.rest).toEqual(before.rest)
    expect(after.pid === before.pid).toBe(next === 'unaffected')
  })

  test('writes into our tables, not into temporary ones left there', async ({ clone, companies: { ours, theirs } }) => {
    const database = clone.open({ maxConnections: 1 })
    const trap = ['create temp table studios (like public.studios)', 'grant all on pg_temp.studios to public']
    await leaveBehind(database, ours, trap)
    const insert = `insert into studios (company_id, name, business_area, created_by) values ($1, 'Not trapped', 'sales', $2)`
    await runAs(database, theirs.member)(insert, [theirs.id, theirs.member.userId])
    expect(await runAs(database, ours.admin)('select * from pg_temp.studios')).toEqual([])
  })
})

describe('an attacker inside a transaction', () => {
  const exits = [
    'commit',
    'rollback',
    'commit and chain',
    'rollback and chain',
    'reset role',
    'reset all',
    'discard plans',
  ]

  test.for(exits)('gains nothing by %s', async (exit, { clone, companies: { ours, theirs } }) => {
    const database = clone.open({ maxConnections: 1 })
    const seen = transactAs(database, ours.viewer, async (run) => {
      await run('select 1')
      await run(exit)
      return run('select name from public.studios')
    })
    const outcome = await seen.then(JSON.stringify, (error: Error) => error.message)
    expect(outcome).not.toContain(theirs.secret)
    expect(await runAs(database, theirs.viewer)('select app.user_id() as person')).toEqual([
      { person: theirs.viewer.userId },
    ])
  })
})
