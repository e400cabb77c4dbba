import { createHash, randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Queryable } from '../database.ts'
import { isSameSecret } from '../keys.ts'
import { text } from './body.ts'
import type { Auth, Call } from './context.ts'
import { fail } from './errors.ts'
import { type SessionJson, type SignInMethod, startSession } from './sessions.ts'
import { findUser, isBanned } from './users.ts'

/** Sent by clients that want a code instead of tokens in the address (PKCE, RFC 7636). */
export interface Challenge {
  code_challenge: string
  code_challenge_method: string
}

export const pkceBody = z.object({ auth_code: text, code_verifier: text })

interface FlowState {
  user_id: string
  code_challenge: string
  code_challenge_method: 's256' | 'plain'
  authentication_method: SignInMethod
  auth_code_issued_at: Date | null
}

export function requireValidChallenge({ code_challenge, code_challenge_method }: Challenge): boolean {
  if (!code_challenge && !code_challenge_method) return false
  if (!code_challenge || !/^(s256|plain)$/i.test(code_challenge_method)) {
    fail(400, 'validation_failed', 'PKCE flow requires code_challenge_method and code_challenge')
  }
  if (!/^[\w.~-]{43,128}$/.test(code_challenge)) {
    fail(400, 'validation_failed', 'code challenge has to be between 43 and 128 unreserved characters')
  }
  return true
}

export async function insertFlow(
  auth: Auth,
  tx: Queryable,
  { userId, method, challenge }: { userId: string; method: SignInMethod; challenge: Challenge },
): Promise<void> {
  const { otpSeconds, pkceSeconds } = auth.settings
  const outdated = new Date(auth.now() - (otpSeconds + pkceSeconds) * 1000)
  await tx.query('delete from auth.flow_state where created_at < $1', [outdated])
  await tx.query(
    `insert into auth.flow_state (id, user_id, auth_code, code_challenge_method, code_challenge, provider_type,
       authentication_method, created_at, updated_at) values ($1, $2, $3, $4, $5, 'email', $6, $7, $7)`,
    [
      randomUUID(),
      userId,
      randomUUID(),
      challenge.code_challenge_method.toLowerCase(),
      challenge.code_challenge,
      method,
      new Date(auth.now()),
    ],
  )
}

/** The code for the user's latest request of this kind; good from now on. */
export async function issueCode(auth: Auth, tx: Queryable, userId: string, method: SignInMethod): Promise<string> {
  const [flow] = await tx.query<{ auth_code: string }>(
    `update auth.flow_state set auth_code_issued_at = $3, updated_at = $3 where id = (
       select id from auth.flow_state where user_id = $1 and authentication_method = $2 order by created_at desc limit 1)
     returning auth_code`,
    [userId, method, new Date(auth.now())],
  )
  return flow?.auth_code ?? fail(404, 'flow_state_not_found', 'invalid flow state, no valid flow state found')
}

export async function exchangeCode(auth: Auth, call: Call, body: z.infer<typeof pkceBody>): Promise<SessionJson> {
  if (!body.auth_code || !body.code_verifier) {
    fail(400, 'validation_failed', 'invalid request: both auth code and code verifier should be non-empty')
  }
  return await auth.db.transaction(async (tx) => {
    const [flow] = await tx.query<FlowState>('delete from auth.flow_state where auth_code = $1 returning *', [
      body.auth_code,
    ])
    if (!flow?.auth_code_issued_at) {
      fail(404, 'flow_state_not_found', 'invalid flow state, no valid flow state found')
    }
    if (auth.now() >= flow.auth_code_issued_at.getTime() + auth.settings.pkceSeconds * 1000) {
      fail(422, 'flow_state_expired', 'invalid flow state, flow state has expired')
    }
    if (!isSameSecret(challengeOf(flow, body.code_verifier), flow.code_challenge)) {
      fail(400, 'bad_code_verifier', 'code challenge does not match previously saved code verifier')
    }
    const user = await findUser(tx, flow.user_id)
    if (!user) fail(404, 'flow_state_not_found', 'invalid flow state, no valid flow state found')
    if (isBanned(user, auth.now())) fail(403, 'user_banned', 'User is banned')
    return await startSession(auth, call, tx, user, flow.authentication_method)
  })
}

function challengeOf(flow: FlowState, verifier: string): string {
  if (flow.code_challenge_method === 'plain') return verifier
  return createHash('sha256').update(verifier).digest('base64url')
}
