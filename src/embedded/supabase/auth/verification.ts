import type { Queryable } from '../database.ts'
import { writeAudit } from './audit.ts'
import type { Auth, Call } from './context.ts'
import { confirmEmailChange } from './email-change.ts'
import { fail } from './errors.ts'
import { verifyEmailIdentity } from './identities.ts'
import { dropTokens, type TokenType, takeToken } from './one-time-tokens.ts'
import { isBanned, lockUser, type User, updateUser } from './users.ts'

const tokensOf: Record<string, readonly TokenType[]> = {
  signup: ['confirmation_token'],
  invite: ['confirmation_token'],
  recovery: ['recovery_token'],
  magiclink: ['recovery_token'],
  email: ['confirmation_token', 'recovery_token'],
  email_change: ['email_change_token_current', 'email_change_token_new'],
  sms: [],
  phone_change: [],
}

export const halfConfirmed = 'Confirmation link accepted. Please proceed to confirm link sent to the other email'

/** Uses a code or link up and does what it stands for; undefined after the first half of a change of address. */
export async function redeem(
  auth: Auth,
  call: Call,
  tx: Queryable,
  { type, hashes, refusal }: { type: string; hashes: readonly string[]; refusal: string },
): Promise<User | undefined> {
  const types = Object.hasOwn(tokensOf, type) ? tokensOf[type] : undefined
  if (!types) fail(400, 'validation_failed', 'Unsupported verification type')
  const taken = await takeToken(auth, tx, types, hashes)
  const user = taken && (await lockUser(tx, taken.userId))
  if (!user) fail(403, 'otp_expired', refusal)
  if (isBanned(user, auth.now())) fail(403, 'user_banned', 'User is banned')
  if (type !== 'email_change') return await confirm(auth, call, tx, user)
  const changed = await confirmEmailChange(auth, tx, user)
  if (changed) await writeAudit({ auth, call, db: tx }, changed, 'user_modified', { changed: 'email' })
  return changed
}

async function confirm(auth: Auth, call: Call, tx: Queryable, user: User): Promise<User> {
  await dropTokens(tx, user.id)
  if (user.confirmed_at) {
    await writeAudit({ auth, call, db: tx }, user, 'login', { provider: 'email' })
    return user
  }
  const at = new Date(auth.now())
  await verifyEmailIdentity(tx, user.id, user.email ?? '', at)
  const action = user.invited_at ? 'invite_accepted' : 'user_signedup'
  await writeAudit({ auth, call, db: tx }, user, action, { provider: 'email' })
  const raw_user_meta_data = { ...user.raw_user_meta_data, email_verified: true }
  return await updateUser(tx, user.id, { email_confirmed_at: at, raw_user_meta_data }, at)
}
