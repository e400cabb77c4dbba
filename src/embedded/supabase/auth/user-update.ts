import { z } from 'zod'
import type { Queryable } from '../database.ts'
import { writeAudit } from './audit.ts'
import { requireUser, type SignedIn } from './bearer.ts'
import { metadata, readEmail, text } from './body.ts'
import type { Auth, Call } from './context.ts'
import { deliver, type Letter } from './delivery.ts'
import { applyEmailChange, emailExists, writeEmailChange } from './email-change.ts'
import { fail } from './errors.ts'
import { listIdentities } from './identities.ts'
import { mergeMetadata, requireSmallMetadata } from './metadata.ts'
import { checkPasswordChange, type PasswordChange, storePassword } from './password-change.ts'
import { type UserJson, userJson } from './user-json.ts'
import { findUserByEmail, lockUser, type User, updateUser } from './users.ts'

export const userUpdateBody = z.object({
  email: text,
  phone: text,
  password: text,
  current_password: text,
  nonce: text,
  data: metadata,
  app_metadata: z.unknown().optional(),
})
type UserUpdateBody = z.infer<typeof userUpdateBody>

export async function updateOwnUser(auth: Auth, call: Call, body: UserUpdateBody): Promise<UserJson> {
  const signedIn = await requireUser(auth, call)
  auth.throttle.takeRequest('mail', call.ip)
  const email = body.email ? readEmail(body.email) : ''
  requireChangesAllowed(signedIn.user, body, email)
  const password = body.password ? await checkPasswordChange(auth, call, signedIn, body) : undefined
  const isNewEmail = email !== '' && email !== signedIn.user.email
  if (isNewEmail && !isConfirmedAtOnce(auth, signedIn.user)) auth.throttle.takeMail('email_change', email)
  const changed = await auth.db.transaction((tx) =>
    applyChanges(auth, call, tx, { signedIn, password, data: body.data, newEmail: isNewEmail ? email : '' }),
  )
  for (const letter of changed.letters) await deliver(auth, call, letter)
  return userJson(changed.user, await listIdentities(auth.db, [changed.user.id]))
}

function requireChangesAllowed(user: User, body: UserUpdateBody, email: string): void {
  if (body.app_metadata !== undefined && body.app_metadata !== null) {
    fail(403, 'not_admin', 'Updating app_metadata requires admin privileges')
  }
  if (body.phone && body.phone !== user.phone) fail(400, 'phone_provider_disabled', 'Unsupported phone provider')
  if (user.is_anonymous && body.password && !user.email && !email) {
    const message = 'Updating password of an anonymous user without an email or phone is not allowed'
    fail(422, 'validation_failed', message)
  }
}

interface Changes {
  signedIn: SignedIn
  password: PasswordChange | undefined
  data: Record<string, unknown>
  newEmail: string
}

async function applyChanges(
  auth: Auth,
  call: Call,
  tx: Queryable,
  { signedIn, password, data, newEmail }: Changes,
): Promise<{ user: User; letters: Letter[] }> {
  let user = await lockUser(tx, signedIn.user.id)
  if (!user) fail(403, 'user_not_found', 'User from sub claim in JWT does not exist')
  if (password) await storePassword(auth, call, tx, signedIn, user, password)
  if (Object.keys(data).length > 0) {
    const merged = mergeMetadata(user.raw_user_meta_data, data)
    requireSmallMetadata(merged, 'user_metadata', auth.settings.metadataBytes)
    user = await updateUser(tx, user.id, { raw_user_meta_data: merged }, new Date(auth.now()))
  }
  await writeAudit({ auth, call, db: tx }, user, 'user_modified')
  return newEmail ? await changeEmail(auth, tx, user, newEmail) : { user, letters: [] }
}

async function changeEmail(auth: Auth, tx: Queryable, user: User, newEmail: string) {
  if (await findUserByEmail(tx, newEmail)) emailExists()
  if (!isConfirmedAtOnce(auth, user)) return await writeEmailChange(auth, tx, user, newEmail)
  return { user: await applyEmailChange(auth, tx, user, newEmail), letters: [] }
}

// For somebody anonymous a first address is a sign-up, and follows its rule.
function isConfirmedAtOnce(auth: Auth, user: User): boolean {
  return user.is_anonymous && auth.settings.autoconfirm
}
