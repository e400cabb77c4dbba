import { z } from 'zod'
import { unknownActor, writeAudit } from './audit.ts'
import { text } from './body.ts'
import type { Auth, Call } from './context.ts'
import { fail } from './errors.ts'
import { findWeakness } from './password-strength.ts'
import { type SessionJson, startSession } from './sessions.ts'
import { findUserByEmail, isBanned, lockUser, type User, updateUser } from './users.ts'

export const signInBody = z.object({ email: text, phone: text, password: text })
type SignInBody = z.infer<typeof signInBody>

export async function signInWithPassword(auth: Auth, call: Call, body: SignInBody): Promise<SessionJson> {
  const email = requireEmailLogin(auth, body)
  const user = await requireRightPassword(auth, call, email, body.password)
  if (isBanned(user, auth.now())) fail(400, 'user_banned', 'User is banned')
  if (!user.confirmed_at) fail(400, 'email_not_confirmed', 'Email not confirmed')
  const isOutdated = auth.passwords.isOutdated(user.encrypted_password ?? '')
  const betterHash = isOutdated ? await auth.passwords.hash(body.password) : undefined
  const session = await auth.db.transaction(async (tx) => {
    const current = await lockUser(tx, user.id)
    // The password was changed while it was being compared.
    if (current?.encrypted_password !== user.encrypted_password) invalidCredentials()
    if (betterHash) await updateUser(tx, user.id, { encrypted_password: betterHash }, new Date(auth.now()))
    await writeAudit({ auth, call, db: tx }, user, 'login', { provider: 'email' })
    return await startSession(auth, call, tx, user, 'password')
  })
  const weakness = findWeakness(body.password, auth.settings)
  return weakness ? { ...session, weak_password: weakness } : session
}

function requireEmailLogin({ settings }: Auth, body: SignInBody): string {
  if (body.email && body.phone) {
    fail(400, 'validation_failed', 'Only an email address or phone number should be provided on login.')
  }
  if (body.phone) fail(422, 'phone_provider_disabled', 'Phone logins are disabled')
  if (!body.email) fail(400, 'validation_failed', 'missing email or phone')
  if (!settings.emailEnabled) fail(422, 'email_provider_disabled', 'Email logins are disabled')
  return body.email.trim().toLowerCase().slice(0, 256)
}

/** One way for known and unknown addresses: the same queries, the same hash, the same row in the log. */
async function requireRightPassword(auth: Auth, call: Call, email: string, password: string): Promise<User> {
  const guess = await startGuess(auth, call, email)
  const user = await findUserByEmail(auth.db, email)
  const isRight = await auth.passwords.verify(password.slice(0, 1024), user?.encrypted_password)
  if (!user || !isRight || user.deleted_at) {
    await writeAudit({ auth, call }, user ?? unknownActor(email), 'login_failed', { provider: 'email' })
    invalidCredentials()
  }
  guess.succeed()
  return user
}

async function startGuess(auth: Auth, call: Call, email: string) {
  try {
    return auth.throttle.startGuess(email, call.ip)
  } catch (error) {
    await writeAudit({ auth, call }, unknownActor(email), 'login_throttled', { provider: 'email' })
    throw error
  }
}

function invalidCredentials(): never {
  fail(400, 'invalid_credentials', 'Invalid login credentials')
}
