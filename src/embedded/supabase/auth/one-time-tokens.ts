import { createHash, randomInt } from 'node:crypto'
import type { Queryable } from '../database.ts'
import type { Auth } from './context.ts'
import { type User, type UserChanges, updateUser } from './users.ts'

export type TokenType =
  | 'confirmation_token'
  | 'recovery_token'
  | 'reauthentication_token'
  | 'email_change_token_new'
  | 'email_change_token_current'

export interface OneTimeToken {
  code: string
  hash: string
}

const pkcePrefix = 'pkce_'

/** What a mail's code and link are stored as; the code alone opens nothing without its address. */
export function tokenHash(email: string, code: string): string {
  return createHash('sha224')
    .update(email + code)
    .digest('hex')
}

export function isPkceHash(hash: string): boolean {
  return hash.startsWith(pkcePrefix)
}

/** The hashes under which a code may be stored. */
export function possibleHashes(hash: string): string[] {
  return isPkceHash(hash) ? [hash] : [hash, pkcePrefix + hash]
}

/** A new code, which makes the user's previous one of this type worthless. */
export async function issueToken(
  auth: Auth,
  tx: Queryable,
  { user, type, email, isPkce = false }: { user: User; type: TokenType; email: string; isPkce?: boolean },
): Promise<OneTimeToken> {
  const code = String(randomInt(1_000_000)).padStart(6, '0')
  const hash = (isPkce ? pkcePrefix : '') + tokenHash(email, code)
  await tx.query(
    `insert into auth.one_time_tokens (user_id, token_type, token_hash, relates_to, created_at, updated_at)
     values ($1, $2, $3, $4, $5::timestamptz at time zone 'utc', $5::timestamptz at time zone 'utc')
     on conflict (user_id, token_type) do update set token_hash = excluded.token_hash, relates_to = excluded.relates_to,
       created_at = excluded.created_at, updated_at = excluded.updated_at`,
    [user.id, type, hash, email, new Date(auth.now())],
  )
  return { code, hash }
}

const sentAt: Record<TokenType, keyof UserChanges> = {
  confirmation_token: 'confirmation_sent_at',
  recovery_token: 'recovery_sent_at',
  reauthentication_token: 'reauthentication_sent_at',
  email_change_token_new: 'email_change_sent_at',
  email_change_token_current: 'email_change_sent_at',
}

export async function markSent(auth: Auth, tx: Queryable, user: User, type: TokenType): Promise<User> {
  const at = new Date(auth.now())
  return await updateUser(tx, user.id, { [sentAt[type]]: at }, at)
}

/** Uses a token up: of two who come at once, one gets it. The user's row is locked first, as it is wherever codes are made. */
export async function takeToken(
  auth: Auth,
  tx: Queryable,
  types: readonly TokenType[],
  hashes: readonly string[],
): Promise<{ userId: string; type: TokenType } | undefined> {
  const oldest = new Date(auth.now() - auth.settings.otpSeconds * 1000)
  await tx.query(
    `select from auth.users where id in (select user_id from auth.one_time_tokens where token_hash = any ($1)) for update`,
    [hashes],
  )
  const [taken] = await tx.query<{ userId: string; type: TokenType }>(
    `delete from auth.one_time_tokens
     where token_hash = any ($1) and token_type::text = any ($2) and created_at > $3::timestamptz at time zone 'utc'
     returning user_id as "userId", token_type as type`,
    [hashes, types, oldest],
  )
  return taken
}

export async function dropTokens(tx: Queryable, userId: string): Promise<void> {
  await tx.query('delete from auth.one_time_tokens where user_id = $1', [userId])
}
