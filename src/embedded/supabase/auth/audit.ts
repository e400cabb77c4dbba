import { randomUUID } from 'node:crypto'
import type { Queryable } from '../database.ts'
import type { Auth, Call } from './context.ts'
import type { User } from './users.ts'

const logTypes = {
  login: 'account',
  login_failed: 'account',
  login_throttled: 'account',
  logout: 'account',
  invite_accepted: 'account',
  user_signedup: 'team',
  user_invited: 'team',
  user_deleted: 'team',
  token_refreshed: 'token',
  token_revoked: 'token',
  user_modified: 'user',
  user_recovery_requested: 'user',
  user_reauthenticate_requested: 'user',
  user_confirmation_requested: 'user',
  user_repeated_signup: 'user',
  user_updated_password: 'user',
} as const

export type AuditAction = keyof typeof logTypes

export interface Actor {
  id: string
  email: string | null
}

/** Stands for whoever holds the secret key. */
export const serviceActor: Actor = { id: '00000000-0000-0000-0000-000000000000', email: 'service_role' }

/** Somebody who named an address and proved nothing. */
export function unknownActor(email: string): Actor {
  return { id: serviceActor.id, email }
}

export async function writeAudit(
  { auth, call, db = auth.db }: { auth: Auth; call: Call; db?: Queryable },
  actor: Actor | User,
  action: AuditAction,
  traits: Record<string, unknown> = {},
): Promise<void> {
  const payload = {
    actor_id: actor.id,
    actor_username: actor.email ?? '',
    actor_via_sso: false,
    action,
    log_type: logTypes[action],
    traits,
  }
  await db.query(
    'insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address) values ($1, $2, $3, $4, $5)',
    [serviceActor.id, randomUUID(), payload, new Date(auth.now()), call.ip.slice(0, 64)],
  )
}
