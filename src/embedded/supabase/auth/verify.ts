import { z } from 'zod'
import { unknownActor, writeAudit } from './audit.ts'
import { text } from './body.ts'
import type { Auth, Call } from './context.ts'
import { AuthError, fail } from './errors.ts'
import { possibleHashes, tokenHash } from './one-time-tokens.ts'
import { type SessionJson, startSession } from './sessions.ts'
import { halfConfirmed, redeem } from './verification.ts'

export const verifyBody = z.object({ type: text, token: text, token_hash: text, email: text, phone: text })
type VerifyBody = z.infer<typeof verifyBody>

type Half = { msg: string; code: '200' }

/** Takes the code or the hash of a link from a mail, and signs in. */
export async function verifyOtp(auth: Auth, call: Call, body: VerifyBody): Promise<SessionJson | Half> {
  auth.throttle.takeRequest('verify', call.ip)
  if (!body.type) fail(400, 'validation_failed', 'Verify requires a verification type')
  const { hash, refusal, account } = readToken(body)
  // Six digits are few: whoever guesses has to stop after some.
  const guess = auth.throttle.startGuess(`code ${account}`, call.ip)
  try {
    const session = await auth.db.transaction(async (tx) => {
      const user = await redeem(auth, call, tx, { type: body.type, hashes: possibleHashes(hash), refusal })
      return user && (await startSession(auth, call, tx, user, 'otp'))
    })
    guess.succeed()
    return session ?? { msg: halfConfirmed, code: '200' }
  } catch (error) {
    if (error instanceof AuthError) {
      await writeAudit({ auth, call }, unknownActor(body.email), 'login_failed', { type: body.type, code: error.code })
    }
    throw error
  }
}

function readToken(body: VerifyBody): { hash: string; refusal: string; account: string } {
  if (body.token_hash) {
    if (body.email || body.phone || body.token) {
      fail(400, 'validation_failed', 'Only the token_hash and type should be provided')
    }
    return {
      hash: body.token_hash,
      refusal: 'Email link is invalid or has expired',
      account: `link ${body.token_hash.slice(0, 80)}`,
    }
  }
  if (!body.token) fail(400, 'validation_failed', 'Verify requires a token or a token hash')
  if (Boolean(body.email) === Boolean(body.phone)) {
    fail(400, 'validation_failed', 'Only an email address or phone number should be provided on verify')
  }
  if (body.phone && !/^[1-9]\d{1,14}$/.test(body.phone.replace(/^\+/, ''))) {
    fail(400, 'validation_failed', 'Invalid phone number format (E.164 required)')
  }
  const account = body.email ? body.email.trim().toLowerCase().slice(0, 256) : body.phone
  return { hash: tokenHash(account, body.token), refusal: 'Token has expired or is invalid', account }
}
