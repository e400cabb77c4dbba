import { z } from 'zod'
import { type Queryable, sqlState } from '../database.ts'
import { writeAudit } from './audit.ts'
import type { Auth, Call } from './context.ts'
import { AuthError, fail } from './errors.ts'
import { insertRefreshToken, type SessionJson, sessionJson } from './sessions.ts'
import { findUser, isBanned, type User } from './users.ts'

export const refreshBody = z.object({ refresh_token: z.string().default('') })

interface RefreshToken {
  id: string
  token: string
  parent: string | null
  revoked: boolean
  updated_at: Date
  session_id: string | null
  user_id: string
}

type Outcome = SessionJson | { error: AuthError }

const text = `select id, token, parent, revoked, updated_at, session_id, user_id from auth.refresh_tokens`

/** Swaps a refresh token for the next one and a new access token; SUPABASE.md 1.4 has the rules. */
export async function refreshSession(auth: Auth, call: Call, body: z.infer<typeof refreshBody>): Promise<SessionJson> {
  const token = body.refresh_token
  if (!/^[a-z0-9]{12}$/.test(token)) fail(400, 'validation_failed', 'Refresh token is not valid')
  const outcome = await auth.db
    .transaction((tx) => refresh(auth, call, tx, token))
    .catch((error: unknown) => {
      if (sqlState(error) !== '55P03') throw error
      fail(409, 'conflict', 'Too many concurrent token refresh requests on the same session or refresh token')
    })
  if ('error' in outcome) throw outcome.error
  return outcome
}

async function refresh(auth: Auth, call: Call, tx: Queryable, token: string): Promise<Outcome> {
  const [first] = await tx.query<RefreshToken>(`${text} where token = $1`, [token])
  if (!first) fail(400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found')
  const user = await lockSession(auth, tx, first)
  // Read again: whoever held the lock before may have swapped this token.
  const [presented] = await tx.query<RefreshToken>(`${text} where token = $1`, [token])
  if (!presented) fail(400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found')
  const sessionId = presented.session_id ?? ''
  const next = presented.revoked ? await reuse(auth, tx, presented) : await swap(auth, tx, presented)
  if (next === undefined) {
    await revokeFamily(auth, tx, sessionId)
    await writeAudit({ auth, call, db: tx }, user, 'token_revoked', { reason: 'refresh token reused' })
    return { error: new AuthError(400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used') }
  }
  await writeAudit({ auth, call, db: tx }, user, 'token_refreshed')
  await tx.query(
    `update auth.sessions set refreshed_at = $2::timestamptz at time zone 'utc', updated_at = $2, user_agent = $3 where id = $1`,
    [sessionId, new Date(auth.now()), call.userAgent.slice(0, 500)],
  )
  return sessionJson(auth, tx, user, sessionId, next)
}

async function lockSession(auth: Auth, tx: Queryable, token: RefreshToken): Promise<User> {
  const [session] = await tx.query<{ user_id: string; not_after: Date | null }>(
    'select user_id, not_after from auth.sessions where id = $1 for update',
    [token.session_id],
  )
  if (!session) fail(400, 'session_not_found', 'Invalid Refresh Token: No Valid Session Found')
  if (session.not_after && session.not_after.getTime() <= auth.now()) {
    fail(400, 'session_expired', 'Invalid Refresh Token: Session Expired')
  }
  const user = await findUser(tx, session.user_id)
  if (!user) fail(400, 'session_not_found', 'Invalid Refresh Token: No Valid Session Found')
  if (isBanned(user, auth.now())) fail(400, 'user_banned', 'Invalid Refresh Token: User Banned')
  return user
}

async function swap(auth: Auth, tx: Queryable, old: RefreshToken): Promise<string> {
  const at = new Date(auth.now())
  if (!old.revoked) {
    await tx.query('update auth.refresh_tokens set revoked = true, updated_at = $2 where id = $1', [old.id, at])
  }
  const sessionId = old.session_id ?? ''
  return await insertRefreshToken(tx, { userId: old.user_id, sessionId, at, parent: old.token })
}

/** A client that did not get, or did not keep, its last answer is served again; anybody else is not. */
async function reuse(auth: Auth, tx: Queryable, old: RefreshToken): Promise<string | undefined> {
  const [active] = await tx.query<RefreshToken>(
    `${text} where session_id = $1 and revoked = false order by id desc limit 1`,
    [old.session_id],
  )
  if (active?.parent === old.token) return active.token
  const interval = auth.settings.refreshReuseSeconds * 1000
  return active && auth.now() < old.updated_at.getTime() + interval ? await swap(auth, tx, old) : undefined
}

async function revokeFamily(auth: Auth, tx: Queryable, sessionId: string): Promise<void> {
  const revoke = 'update auth.refresh_tokens set revoked = true, updated_at = $2 where session_id = $1 and not revoked'
  await tx.query(revoke, [sessionId, new Date(auth.now())])
}
