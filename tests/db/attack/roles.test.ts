import { describe, expect } from 'vitest'
import { signClaims } from '../../../src/db/scope.ts'
import { refusalOf, runAs, runOn, transactAs } from '../support/run.ts'
import { tracesIn } from '../support/tenant.ts'
import { test as base, rowsOf } from '../support/two-companies.ts'
import { hostileWords, refused } from './refused.ts'

// 42501 insufficient privilege; 0A000 not supported under row security; 58P01 and 42704 no such extension or wrapper.
const refusals = ['42501', '0A000', '58P01', '42704']

const test = base
  .extend('database', { scope: 'file' }, ({ clone }) => clone.open())
  .extend('bare', { scope: 'file' }, ({ clone }) => clone.connect())

describe('the API’s connection', () => {
  test('becomes no role but the two of requests', async ({ clone, owner }) => {
    const roles = (await owner('select rolname from pg_roles')).map((row) => String(row['rolname']))
    const run = runOn(await clone.connect())
    const reached: string[] = []
    for (const role of [...roles, 'none']) {
      for (const start of ['reset role', 'set role authenticated', 'set role anon']) {
        await run(start)
        if (!(await refusalOf(run(`set role "${role}"`)))) reached.push(role)
      }
      if (!(await refusalOf(run(`select set_config('role', $1, false)`, [role])))) reached.push(role)
    }
    expect(new Set(reached)).toEqual(new Set(['anon', 'authenticated', 'none', 'studios_api']))
  })

  test('sees nothing without a role, whatever claims it carries', async ({ clone, companies }) => {
    const run = runOn(await clone.connect())
    await run(`select set_config('app.claims', $1, false)`, [signClaims(companies.ours.admin, clone.scopeKey)])
    expect(await refusalOf(run('select * from public.companies'))).toMatchObject({ state: '42501' })
    expect(await refusalOf(run('select app.user_id()'))).toMatchObject({ state: '42501' })
  })
})

describe.each(Object.entries(refused))('%s', (_opening, statements) => {
  test.for(statements)('%s', async (statement, { owner, companies, bare, database }) => {
    const before = await rowsOf(owner, companies.theirs)
    const signedIn = transactAs(database, companies.ours.admin, async (run) => {
      for (const part of statement.split('; ')) await run(part)
    })
    const outcomes = [
      await refusalOf(signedIn),
      await refusalOf(bare.query(`set role none; ${statement}`)),
      await refusalOf(bare.query(`set role authenticated; ${statement}`)),
    ]
    for (const outcome of outcomes) {
      expect(refusals, outcome?.text ?? 'it went through').toContain(outcome?.state)
      expect(tracesIn(outcome, companies.theirs)).toEqual([])
    }
    expect(await rowsOf(owner, companies.theirs)).toEqual(before)
  })
})

describe('every function of ours', () => {
  test('gives nothing of another company for hostile arguments', async ({ database, companies }) => {
    const run = runAs(database, companies.ours.viewer)
    const functions = await run(
      `select p.oid::regproc::text as name, p.pronargs as arguments from pg_proc p
       where p.pronamespace in ('app'::regnamespace, 'auth'::regnamespace, 'public'::regnamespace)
         and has_function_privilege(p.oid, 'execute') and p.prorettype <> 'trigger'::regtype`,
    )
    expect(functions.map(({ name }) => name)).toContain('app.company_ids')
    for (const { name, arguments: count } of functions) {
      for (const word of hostileWords(companies.theirs)) {
        const words = Array.from({ length: Number(count) }, () => word)
        const call = run(`select * from ${name}(${words.map((_, index) => `$${index + 1}`)})`, words)
        const learnt = call.then((rows) => tracesIn(rows, companies.theirs).filter((trace) => !word.includes(trace)))
        await refusalOf(learnt.then((traces) => expect(traces, `${name}(${word})`).toEqual([])))
      }
    }
  })

  test('gives for the short name in an invitation the id of the company and nothing else', async ({
    database,
    companies,
  }) => {
    const { ours, theirs } = companies
    const run = runAs(database, ours.viewer)
    expect(await run('select app.company_id_by_slug($1) as id', [theirs.secret])).toEqual([{ id: theirs.id }])
    const anonymous = runAs(database, { ...ours.viewer, expiresAt: 1 })
    expect(await anonymous('select app.company_id_by_slug($1) as id', [theirs.secret])).toEqual([{ id: null }])
  })

  test('gives no partition away under its own name', async ({ database, owner, companies }) => {
    const partitions = await owner(
      'select inhrelid::regclass::text as name from pg_inherits where inhparent::regclass::text in ($1, $2)',
      ['audit_logs', 'execution_events'],
    )
    const run = runAs(database, companies.ours.admin)
    for (const { name } of partitions) {
      expect(await refusalOf(run(`select * from ${name}`)), String(name)).toMatchObject({ state: '42501' })
    }
    expect(partitions.length).toBeGreaterThan(8)
  })
})
