import { type Queryable, sqlState } from '../database.ts'
import type { Auth } from './context.ts'
import type { Letter } from './delivery.ts'
import { fail } from './errors.ts'
import { emailClaims, verifyEmailIdentity } from './identities.ts'
import { dropTokens, issueToken } from './one-time-tokens.ts'
import { emailProvider } from './registration.ts'
import { lockUser, type User, updateUser } from './users.ts'

/** Writes to the new address and, when changes are confirmed twice, to the present one. */
export async function writeEmailChange(
  auth: Auth,
  tx: Queryable,
  user: User,
  newEmail: string,
): Promise<{ user: User; letters: Letter[] }> {
  await lockUser(tx, user.id)
  const at = new Date(auth.now())
  const letters: Letter[] = []
  if (isConfirmedTwice(auth, user)) {
    const email = user.email ?? ''
    const token = await issueToken(auth, tx, { user, type: 'email_change_token_current', email })
    letters.push({ kind: 'email_change', to: email, token })
  }
  const token = await issueToken(auth, tx, { user, type: 'email_change_token_new', email: newEmail })
  letters.push({ kind: 'email_change', to: newEmail, token })
  const changes = { email_change: newEmail, email_change_sent_at: at, email_change_confirm_status: 0 }
  return { user: await updateUser(tx, user.id, changes, at), letters }
}

/** The user with the new address, or undefined when the other of two confirmations is still missing. */
export async function confirmEmailChange(auth: Auth, tx: Queryable, user: User): Promise<User | undefined> {
  const at = new Date(auth.now())
  if (isConfirmedTwice(auth, user) && user.email_change_confirm_status === 0) {
    await updateUser(tx, user.id, { email_change_confirm_status: 1 }, at)
    return undefined
  }
  return await applyEmailChange(auth, tx, user, user.email_change)
}

export async function applyEmailChange(auth: Auth, tx: Queryable, user: User, email: string): Promise<User> {
  const at = new Date(auth.now())
  await dropTokens(tx, user.id)
  await verifyEmailIdentity(tx, user.id, email, at)
  const changes = {
    email,
    email_change: '',
    email_change_confirm_status: 0,
    email_confirmed_at: user.email_confirmed_at ?? at,
    is_anonymous: false,
    raw_user_meta_data: withEmail(user, email),
    raw_app_meta_data: { ...user.raw_app_meta_data, ...emailProvider },
  }
  return await updateUser(tx, user.id, changes, at).catch((error: unknown) => {
    if (sqlState(error) !== '23505') throw error
    emailExists()
  })
}

export function emailExists(): never {
  fail(422, 'email_exists', 'A user with this email address has already been registered')
}

function isConfirmedTwice(auth: Auth, user: User): boolean {
  return auth.settings.secureEmailChange && Boolean(user.email)
}

// Metadata that an administrator gave has no claims of an identity in it, and gets none.
function withEmail({ id, raw_user_meta_data, is_anonymous }: User, email: string) {
  const hasClaims = is_anonymous || 'sub' in raw_user_meta_data
  return hasClaims ? { ...raw_user_meta_data, ...emailClaims(id, email), email_verified: true } : raw_user_meta_data
}
