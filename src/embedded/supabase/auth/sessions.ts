import { randomInt, randomUUID } from 'node:crypto'
import { isIP } from 'node:net'
import type { Queryable } from '../database.ts'
import type { Auth, Call } from './context.ts'
import { listIdentities } from './identities.ts'
import type { Weakness } from './password-strength.ts'
import { type UserJson, userJson } from './user-json.ts'
import type { User } from './users.ts'

export type SignInMethod =
  | 'password'
  | 'otp'
  | 'anonymous'
  | 'email/signup'
  | 'recovery'
  | 'magiclink'
  | 'invite'
  | 'email_change'

export interface SessionJson {
  access_token: string
  token_type: 'bearer'
  expires_in: number
  expires_at: number
  refresh_token: string
  user: UserJson
  weak_password?: Weakness
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Signs somebody in: session, first refresh token, access token. */
export async function startSession(
  auth: Auth,
  call: Call,
  tx: Queryable,
  user: User,
  method: SignInMethod,
): Promise<SessionJson> {
  const at = new Date(auth.now())
  const sessionId = randomUUID()
  const ip = isIP(call.ip) ? call.ip : null
  await tx.query(
    `insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip) values ($1, $2, $3, $3, 'aal1', $4, $5)`,
    [sessionId, user.id, at, call.userAgent.slice(0, 500), ip],
  )
  await tx.query(
    'insert into auth.mfa_amr_claims (session_id, created_at, updated_at, authentication_method) values ($1, $2, $2, $3)',
    [sessionId, at, method],
  )
  await tx.query('update auth.users set last_sign_in_at = $2, updated_at = $2 where id = $1', [user.id, at])
  await tx.query('update auth.identities set last_sign_in_at = $2 where user_id = $1', [user.id, at])
  const refreshToken = await insertRefreshToken(tx, { userId: user.id, sessionId, at })
  return sessionJson(auth, tx, { ...user, last_sign_in_at: at, updated_at: at }, sessionId, refreshToken)
}

export async function insertRefreshToken(
  tx: Queryable,
  link: { userId: string; sessionId: string; at: Date; parent?: string },
): Promise<string> {
  const token = Array.from({ length: 12 }, () => alphabet[randomInt(alphabet.length)]).join('')
  await tx.query(
    `insert into auth.refresh_tokens (token, user_id, session_id, parent, revoked, created_at, updated_at)
     values ($1, $2, $3, $4, false, $5, $5)`,
    [token, link.userId, link.sessionId, link.parent ?? null, link.at],
  )
  return token
}

export async function sessionJson(
  auth: Auth,
  tx: Queryable,
  user: User,
  sessionId: string,
  refreshToken: string,
): Promise<SessionJson> {
  const issuedAt = Math.floor(auth.now() / 1000)
  const expiresAt = issuedAt + auth.settings.accessTokenSeconds
  const amr = await listMethods(tx, sessionId)
  const claims = { ...userClaims(user), iss: auth.issuer, iat: issuedAt, exp: expiresAt, amr, session_id: sessionId }
  return {
    access_token: await auth.keys.sign(claims),
    token_type: 'bearer',
    expires_in: auth.settings.accessTokenSeconds,
    expires_at: expiresAt,
    refresh_token: refreshToken,
    user: userJson(user, await listIdentities(tx, [user.id])),
  }
}

function userClaims(user: User) {
  return {
    sub: user.id,
    aud: user.aud,
    email: user.email ?? '',
    phone: user.phone ?? '',
    app_metadata: user.raw_app_meta_data,
    user_metadata: user.raw_user_meta_data,
    role: user.role,
    aal: 'aal1',
    is_anonymous: user.is_anonymous,
  }
}

/** How this session was signed in to, newest first. */
async function listMethods(tx: Queryable, sessionId: string): Promise<{ method: string; timestamp: number }[]> {
  const text = `select authentication_method as method, extract(epoch from updated_at)::int as timestamp
    from auth.mfa_amr_claims where session_id = $1 order by updated_at desc`
  return await tx.query(text, [sessionId])
}

export type LogoutScope = 'global' | 'local' | 'others'

/** Refresh tokens go with their session; so do access tokens, wherever the session is looked up. */
export async function deleteSessions(
  tx: Queryable,
  userId: string,
  scope: LogoutScope,
  sessionId: string | null,
): Promise<void> {
  const which = { global: '$2::uuid is null or true', local: 'id = $2', others: 'id is distinct from $2' }[scope]
  const text = `delete from auth.sessions where user_id = $1 and (${which})`
  await tx.query(text, [userId, sessionId])
}
