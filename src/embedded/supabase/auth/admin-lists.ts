import type { Auth } from './context.ts'
import { listIdentities } from './identities.ts'
import type { Page } from './paging.ts'
import { type UserJson, userJson } from './user-json.ts'
import { type User, userColumns } from './users.ts'

interface UserQuery extends Page {
  filter: string
  sort: string
}

const orders: Record<string, string> = {
  'created_at asc': 'u.created_at, u.id',
  'created_at desc': 'u.created_at desc, u.id desc',
  'email asc': 'u.email, u.id',
  'email desc': 'u.email desc, u.id desc',
}

export async function listUsers(
  auth: Auth,
  { page, perPage, filter, sort }: UserQuery,
): Promise<{ users: UserJson[]; total: number }> {
  const where = `where $1 = '' or u.email ilike $1 or u.raw_user_meta_data ->> 'full_name' ilike $1`
  const pattern = filter ? `%${filter.replace(/[\\%_]/g, '\\$&')}%` : ''
  const order = orders[sort.toLowerCase()] ?? orders['created_at desc']
  const [count] = await auth.db.query<{ total: string }>(`select count(*) as total from auth.users u ${where}`, [
    pattern,
  ])
  const rows = await auth.db.query<User>(
    `select ${userColumns} from auth.users u ${where} order by ${order} limit $2 offset $3`,
    [pattern, perPage, (page - 1) * perPage],
  )
  const identities = await listIdentities(
    auth.db,
    rows.map((user) => user.id),
  )
  const ownOf = Map.groupBy(identities, (identity) => identity.user_id)
  return { users: rows.map((user) => userJson(user, ownOf.get(user.id) ?? [])), total: Number(count?.total ?? 0) }
}

interface AuditEntry {
  id: string
  payload: object
  created_at: Date
  ip_address: string
}

/** Newest first. */
export async function listAuditEntries(
  auth: Auth,
  { page, perPage }: Page,
): Promise<{ entries: AuditEntry[]; total: number }> {
  const [count] = await auth.db.query<{ total: string }>('select count(*) as total from auth.audit_log_entries')
  const entries = await auth.db.query<AuditEntry>(
    `select id, payload, created_at, ip_address from auth.audit_log_entries
     order by created_at desc, id desc limit $1 offset $2`,
    [perPage, (page - 1) * perPage],
  )
  return { entries, total: Number(count?.total ?? 0) }
}
