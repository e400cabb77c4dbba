import { randomUUID } from 'node:crypto'
import type { Queryable } from '../database.ts'
import type { Auth } from './context.ts'
import { emailClaims, insertEmailIdentity } from './identities.ts'
import type { Metadata } from './metadata.ts'
import { insertUser, type NewUser, type User } from './users.ts'

export const emailProvider = { provider: 'email', providers: ['email'] }

/** Stores a user with an address, and the identity that belongs to it. */
export async function insertEmailUser(
  auth: Auth,
  tx: Queryable,
  given: { email: string; passwordHash: string | null; data: Metadata; isConfirmed: boolean } & Partial<NewUser>,
): Promise<User> {
  const { email, passwordHash, data, isConfirmed, ...rest } = given
  const id = rest.id ?? randomUUID()
  const at = new Date(auth.now())
  const user = await insertUser(tx, {
    id,
    created_at: at,
    email,
    encrypted_password: passwordHash,
    email_confirmed_at: isConfirmed ? at : null,
    raw_app_meta_data: emailProvider,
    raw_user_meta_data: { ...data, ...emailClaims(id, email), ...(isConfirmed && { email_verified: true }) },
    ...rest,
  })
  await insertEmailIdentity(tx, id, email, at)
  return user
}

/** The answer for an address that is taken: a user nobody ever made, so that it tells nothing of the real one. */
export function stranger(auth: Auth, email: string, data: Metadata): User {
  const at = new Date(auth.now())
  const times = { confirmation_sent_at: at, created_at: at, updated_at: at }
  return { ...blank, ...times, id: randomUUID(), email, raw_user_meta_data: data }
}

const blank = {
  aud: 'authenticated',
  role: '',
  phone: null,
  encrypted_password: null,
  email_confirmed_at: null,
  phone_confirmed_at: null,
  confirmed_at: null,
  invited_at: null,
  recovery_sent_at: null,
  email_change: '',
  email_change_sent_at: null,
  email_change_confirm_status: 0,
  reauthentication_sent_at: null,
  last_sign_in_at: null,
  raw_app_meta_data: emailProvider,
  banned_until: null,
  deleted_at: null,
  is_anonymous: false,
}
