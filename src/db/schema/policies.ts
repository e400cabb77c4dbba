import { type SQL, sql } from 'drizzle-orm'
import { type AnyPgColumn, type PgPolicy, pgPolicy, pgRole } from 'drizzle-orm/pg-core'
import { type Role, type TableAccess, tenantAccess } from '../../contracts/access.ts'

export const authenticated = pgRole('authenticated').existing()
export const worker = pgRole('studios_worker').existing()

/** The companies in which the caller holds at least `role`; evaluated once a statement (SUPABASE.md 3.3). */
export function companiesWith(role: Role): SQL {
  return sql.raw(`(select app.company_ids('${role}'))::uuid[]`)
}

interface TenantTable {
  name: keyof typeof tenantAccess
  companyId: AnyPgColumn
  /** The studio a row belongs to, where restricted studios must hide it. */
  studioId?: AnyPgColumn
  /** Narrows inserts further, for example to rows in the caller's own name. */
  insertCheck?: SQL
}

/** The row policies of a tenant table, one a verb, made from the access table in the contracts. */
export function tenantPolicies({ name, companyId, studioId, insertCheck }: TenantTable): PgPolicy[] {
  const access: TableAccess = tenantAccess[name]
  const visible = studioId ? sql` and ${studioId} <> all ((select app.hidden_studio_ids())::uuid[])` : sql``
  const rows = (role: Role) => sql`${companyId} = any (${companiesWith(role)})${visible}`
  const policies = [pgPolicy(`${name}_select`, { for: 'select', to: authenticated, using: rows(access.select) })]
  if (access.insert) {
    const withCheck = insertCheck ? sql`${rows(access.insert)} and ${insertCheck}` : rows(access.insert)
    policies.push(pgPolicy(`${name}_insert`, { for: 'insert', to: authenticated, withCheck }))
  }
  if (access.update) {
    const using = rows(access.update)
    policies.push(pgPolicy(`${name}_update`, { for: 'update', to: authenticated, using, withCheck: using }))
  }
  if (access.delete) {
    policies.push(pgPolicy(`${name}_delete`, { for: 'delete', to: authenticated, using: rows(access.delete) }))
  }
  return policies
}

/** Lets the background worker see every company's rows of a table that it works on; grants say what it may change. */
export function workerPolicy(name: string): PgPolicy {
  return pgPolicy(`${name}_worker`, { for: 'all', to: worker, using: sql`true`, withCheck: sql`true` })
}
