import { test as base } from './clone.ts'
import { type Run, runOn } from './run.ts'
import { furnish, type Tenant, tracesIn } from './tenant.ts'

/** `test` with two companies full of rows: `ours` is the attacker's, `theirs` must stay unseen and unchanged. */
export const test = base
  .extend('owner', { scope: 'file' }, ({ clone }): Run => runOn(clone.owner))
  .extend('companies', { scope: 'file' }, async ({ owner }) => {
    const companies = { ours: await furnish(owner), theirs: await furnish(owner) }
    await owner('analyze')
    return companies
  })

/** Tables of the worker's, which no caller may read. */
export const workerTables = ['execution_callbacks', 'execution_follows', 'file_removals', 'integration_flows']

/** Every table that holds our rows; partitions are read through their parents. */
export async function tablesIn(owner: Run): Promise<string[]> {
  const rows = await owner(
    `select c.relname from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
  )
  return rows.map((row) => String(row['relname']))
}

/** All rows that have to do with a company, as text, for telling whether any was changed. */
export async function rowsOf(owner: Run, tenant: Tenant): Promise<string[]> {
  const found: string[] = []
  for (const table of await tablesIn(owner)) {
    const rows = await owner(`select '${table}' || t::text as row from ${table} t order by 1`)
    found.push(...rows.map(({ row }) => String(row)))
  }
  return found.filter((row) => tracesIn(row, tenant).length > 0)
}
