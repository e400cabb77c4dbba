import { describe, expect } from 'vitest'
import { type Row, type Run, refusalOf } from '../support/run.ts'
import { tracesIn } from '../support/tenant.ts'
import { test as base, rowsOf, tablesIn, workerTables } from '../support/two-companies.ts'
import { stancesOf } from './stances.ts'

const test = base.extend('stances', { scope: 'file' }, ({ clone, companies }) =>
  stancesOf(clone, companies.ours, companies.theirs),
)

// The information schema has nothing of its own: it is views of pg_catalog.
const readableColumns = `
  select c.oid::regclass::text as relation, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace <> 'information_schema'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and has_column_privilege(c.oid, a.attnum, 'select')
  group by c.oid`

// The four functions of auth give back what the session itself has set.
const plainFunctions = `
  select p.oid::regproc::text as name from pg_proc p
  where p.pronargs = 0 and p.pronamespace <> 'auth'::regnamespace and p.prokind = 'f' and has_function_privilege(p.oid, 'execute')
    and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype, 'internal'::regtype)`

/** Answers by name, with what was refused left out. */
async function answers(run: Run, statements: [name: string, statement: string][]): Promise<Map<string, Row[]>> {
  const given = new Map<string, Row[]>()
  for (const [name, statement] of statements) {
    await refusalOf(run(statement).then((rows) => given.set(name, rows)))
  }
  return given
}

describe('an attacker with arbitrary SQL', () => {
  test('finds no row of another company in any table, view or sequence of any schema', async ({
    companies,
    stances,
  }) => {
    const rolesSeen = new Set<unknown>()
    let read = 0
    for (const { name, run } of stances) {
      const [{ role } = {}] = await run('select current_user as role')
      // What the system catalogs show depends on the role alone.
      const relations = (await run(readableColumns)).filter(
        ({ relation }) => !rolesSeen.has(role) || !String(relation).startsWith('pg_'),
      )
      rolesSeen.add(role)
      const seen = await answers(
        run,
        relations.map(({ relation, columns }) => [String(relation), `select ${columns} from ${relation}`]),
      )
      const leaks = [...seen].filter(([, rows]) => tracesIn(rows, companies.theirs).length > 0)
      expect(
        leaks.map(([relation]) => relation),
        name,
      ).toEqual([])
      read += seen.size
    }
    expect(read).toBeGreaterThan(300)
  })

  test('reads the own company in the same way, so that the search would have found another', async ({
    owner,
    companies,
    stances,
  }) => {
    const admin = stances.at(-1)
    const tables =
      (await admin?.run(readableColumns))?.filter(({ relation }) => !String(relation).includes('pg_')) ?? []
    const seen = await answers(
      admin?.run ?? expect.fail(),
      tables.map(({ relation, columns }) => [String(relation), `select ${columns} from ${relation}`]),
    )
    const found = [...seen].filter(([, rows]) => tracesIn(rows, companies.ours).length > 0).map(([table]) => table)
    const closed = new Set(['plans', ...workerTables])
    expect(new Set(found)).toEqual(new Set((await tablesIn(owner)).filter((table) => !closed.has(table))))
  })

  test('learns nothing of another company from any function that takes no argument', async ({ companies, stances }) => {
    for (const { name, run } of stances) {
      const functions = await run(plainFunctions)
      const seen = await answers(
        run,
        functions.map((row) => [String(row['name']), `select * from ${row['name']}()`]),
      )
      const leaks = [...seen].filter(([, rows]) => tracesIn(rows, companies.theirs).length > 0)
      expect(
        leaks.map(([called]) => called),
        name,
      ).toEqual([])
      expect(seen.size, name).toBeGreaterThan(50)
    }
  })

  test('changes and removes nothing of another company', async ({ owner, companies, stances }) => {
    const before = await rowsOf(owner, companies.theirs)
    for (const { run } of stances) {
      for (const table of await tablesIn(owner)) {
        const updatable = await run(
          `select quote_ident(attname) as name from pg_attribute
           where attrelid = '${table}'::regclass and attnum > 0 and has_column_privilege(attrelid, attnum, 'update')`,
        )
        const changes = updatable.map(({ name }) => `${name} = ${name}`).join(', ') || 'company_id = company_id'
        await refusalOf(run(`update ${table} set ${changes}`))
        await refusalOf(run(`delete from ${table}`))
        await refusalOf(run(`truncate ${table} cascade`))
      }
    }
    expect(await rowsOf(owner, companies.theirs)).toEqual(before)
    expect(before.length).toBeGreaterThan(20)
  })
})
