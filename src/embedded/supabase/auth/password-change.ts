import type { Queryable } from '../database.ts'
import { writeAudit } from './audit.ts'
import type { SignedIn } from './bearer.ts'
import type { Auth, Call } from './context.ts'
import { fail } from './errors.ts'
import { possibleHashes, takeToken, tokenHash } from './one-time-tokens.ts'
import { requireGoodPassword } from './password-strength.ts'
import { deleteSessions } from './sessions.ts'
import { type User, updateUser } from './users.ts'

export interface PasswordChange {
  hash: string
  /** The hash that was compared with; it must still be the user's. */
  previous: string | null
  nonce: string
}

interface Wish {
  password: string
  current_password: string
  nonce: string
}

const dayMs = 86_400_000

/** Everything that takes long, done before the row is locked. */
export async function checkPasswordChange(
  auth: Auth,
  call: Call,
  { user }: SignedIn,
  wish: Wish,
): Promise<PasswordChange> {
  requireGoodPassword(wish.password, auth.settings)
  // A stolen session must not become a way to find the password out.
  const guess = auth.throttle.startGuess(`change ${user.id}`, call.ip)
  const previous = user.encrypted_password
  if (auth.settings.requireCurrentPassword && previous) await requireCurrent(auth, previous, wish.current_password)
  if (await auth.passwords.verify(wish.password, previous)) {
    fail(422, 'same_password', 'New password should be different from the old password.')
  }
  guess.succeed()
  return { hash: await auth.passwords.hash(wish.password), previous, nonce: wish.nonce }
}

async function requireCurrent(auth: Auth, hash: string, password: string): Promise<void> {
  const message = 'Current password required when setting new password.'
  if (!password) fail(400, 'current_password_required', message)
  const isRight = await auth.passwords.verify(password.slice(0, 1024), hash)
  if (!isRight) fail(400, 'current_password_invalid', message)
}

/** Stores the new password and ends every other session of the user. */
export async function storePassword(
  auth: Auth,
  call: Call,
  tx: Queryable,
  { sessionId, since }: SignedIn,
  user: User,
  { hash, previous, nonce }: PasswordChange,
): Promise<void> {
  if (user.encrypted_password !== previous) fail(409, 'conflict', 'The password was changed by another request')
  const isOldSession = !since || auth.now() - since.getTime() > dayMs
  if (auth.settings.requireReauthentication && isOldSession) await requireNonce(auth, tx, user, nonce)
  await updateUser(tx, user.id, { encrypted_password: hash }, new Date(auth.now()))
  await deleteSessions(tx, user.id, 'others', sessionId)
  await writeAudit({ auth, call, db: tx }, user, 'user_updated_password')
}

async function requireNonce(auth: Auth, tx: Queryable, user: User, nonce: string): Promise<void> {
  if (!nonce) fail(400, 'reauthentication_needed', 'Password update requires reauthentication')
  const hashes = possibleHashes(tokenHash(user.email ?? '', nonce))
  const taken = await takeToken(auth, tx, ['reauthentication_token'], hashes)
  if (taken?.userId !== user.id) fail(422, 'reauthentication_not_valid', 'Nonce has expired or is invalid')
}
