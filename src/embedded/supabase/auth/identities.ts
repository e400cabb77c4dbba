import type { Queryable } from '../database.ts'
import type { Metadata } from './metadata.ts'

export interface Identity {
  id: string
  provider_id: string
  user_id: string
  identity_data: Metadata
  provider: string
  last_sign_in_at: Date | null
  created_at: Date
  updated_at: Date
  email: string | null
}

const columns = 'id, provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at, email'

export function listIdentities(db: Queryable, userIds: readonly string[]): Promise<Identity[]> {
  const text = `select ${columns} from auth.identities where user_id = any ($1) order by created_at, id`
  return db.query<Identity>(text, [userIds])
}

/** What an e-mail identity knows about its user, and what sign-up copies into user_metadata. */
export function emailClaims(userId: string, email: string): Metadata {
  return { email, email_verified: false, phone_verified: false, sub: userId }
}

export async function insertEmailIdentity(tx: Queryable, userId: string, email: string, at: Date): Promise<Identity[]> {
  const text = `insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
    values ($1::text, $1::uuid, $2, 'email', $3, $3, $3) returning ${columns}`
  return await tx.query<Identity>(text, [userId, emailClaims(userId, email), at])
}

export async function verifyEmailIdentity(tx: Queryable, userId: string, email: string, at: Date): Promise<void> {
  const text = `update auth.identities set identity_data = identity_data || $2, updated_at = $3
    where user_id = $1 and provider = 'email' returning id`
  const changed = await tx.query(text, [userId, { email, email_verified: true }, at])
  if (changed.length > 0) return
  await insertEmailIdentity(tx, userId, email, at)
  await verifyEmailIdentity(tx, userId, email, at)
}
