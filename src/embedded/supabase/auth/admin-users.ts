import { z } from 'zod'
import { type Queryable, sqlState } from '../database.ts'
import { serviceActor, writeAudit } from './audit.ts'
import { readEmail, text } from './body.ts'
import type { Auth, Call } from './context.ts'
import { readDurationMs } from './duration.ts'
import { applyEmailChange, emailExists } from './email-change.ts'
import { fail } from './errors.ts'
import { listIdentities, verifyEmailIdentity } from './identities.ts'
import { mergeMetadata, requireSmallMetadata } from './metadata.ts'
import { requireGoodPassword } from './password-strength.ts'
import { isSupportedHash } from './passwords.ts'
import { emailProvider, insertEmailUser } from './registration.ts'
import { deleteSessions } from './sessions.ts'
import { type UserJson, userJson } from './user-json.ts'
import { findUser, lockUser, type NewUser, type User, type UserChanges, updateUser } from './users.ts'

const optionalMetadata = z.record(z.string(), z.unknown()).nullish()

export const adminUserBody = z.object({
  id: z.guid().nullish(),
  email: text,
  phone: text,
  password: text,
  password_hash: text,
  email_confirm: z.boolean().nullish(),
  user_metadata: optionalMetadata,
  app_metadata: optionalMetadata,
  role: text.pipe(z.string().max(255)),
  ban_duration: text,
})
type AdminUserBody = z.infer<typeof adminUserBody>

export async function createUser(auth: Auth, call: Call, body: AdminUserBody): Promise<UserJson> {
  if (body.phone) fail(400, 'phone_provider_disabled', 'Unsupported phone provider')
  if (!body.email) fail(400, 'validation_failed', 'Cannot create a user without either an email or phone')
  const email = readEmail(body.email)
  const passwordHash = await hashOf(auth, body)
  const isConfirmed = body.email_confirm === true
  const metadata = metadataOf(auth, body)
  const rest: Omit<Partial<NewUser>, 'email'> = {
    ...(body.id && { id: body.id }),
    ...(body.role && { role: body.role }),
    ...banOf(auth, body),
  }
  const user = await auth.db
    .transaction(async (tx) => {
      const created = { email, passwordHash, data: {}, isConfirmed, ...rest, ...metadata }
      const inserted = await insertEmailUser(auth, tx, created)
      const traits = { user_id: inserted.id, user_email: email, provider: 'email' }
      await writeAudit({ auth, call, db: tx }, serviceActor, 'user_signedup', traits)
      return inserted
    })
    .catch((error: unknown) => {
      if (sqlState(error) !== '23505') throw error
      emailExists()
    })
  return userJson(user, await listIdentities(auth.db, [user.id]))
}

// What an administrator gives is stored as given.
function metadataOf({ settings }: Auth, body: AdminUserBody) {
  const raw_user_meta_data = { ...body.user_metadata, ...(body.email_confirm && { email_verified: true }) }
  const raw_app_meta_data = { ...body.app_metadata, ...emailProvider }
  requireSmallMetadata(raw_user_meta_data, 'user_metadata', settings.metadataBytes)
  requireSmallMetadata(raw_app_meta_data, 'app_metadata', settings.metadataBytes)
  return { raw_user_meta_data, raw_app_meta_data }
}

async function hashOf(auth: Auth, { password, password_hash }: AdminUserBody): Promise<string | null> {
  if (password && password_hash) {
    fail(400, 'validation_failed', 'Only a password or a password hash should be provided')
  }
  if (password_hash) {
    if (isSupportedHash(password_hash)) return password_hash
    fail(400, 'validation_failed', 'Only argon2id and argon2i password hashes of version 19 are supported')
  }
  if (Buffer.byteLength(password) > 72) {
    fail(400, 'validation_failed', 'Password cannot be longer than 72 characters')
  }
  return password ? await auth.passwords.hash(password) : null
}

function banOf(auth: Auth, { ban_duration }: AdminUserBody): UserChanges {
  if (!ban_duration) return {}
  if (ban_duration === 'none') return { banned_until: null }
  const durationMs = readDurationMs(ban_duration)
  if (durationMs === undefined) {
    fail(400, 'validation_failed', 'invalid format for ban duration: it should be like 24h or 1h30m, or none')
  }
  return { banned_until: new Date(auth.now() + durationMs) }
}

export async function getUser(auth: Auth, userId: string): Promise<UserJson> {
  const user = (await findUser(auth.db, requireUserId(userId))) ?? userNotFound()
  return userJson(user, await listIdentities(auth.db, [user.id]))
}

export async function changeUser(auth: Auth, call: Call, userId: string, body: AdminUserBody): Promise<UserJson> {
  requireUserId(userId)
  if (body.phone) fail(400, 'phone_provider_disabled', 'Unsupported phone provider')
  const email = body.email ? readEmail(body.email) : ''
  if (body.password) requireGoodPassword(body.password, auth.settings)
  const passwordHash = await hashOf(auth, body)
  const user = await auth.db.transaction(async (tx) => {
    const before = (await lockUser(tx, userId)) ?? userNotFound()
    const moved = email && email !== before.email ? await applyEmailChange(auth, tx, before, email) : before
    const changed = await updateUser(tx, userId, changesOf(auth, moved, body, passwordHash), new Date(auth.now()))
    if (body.email_confirm) await verifyEmailIdentity(tx, userId, changed.email ?? '', new Date(auth.now()))
    if (passwordHash) await deleteSessions(tx, userId, 'global', null)
    const traits = { user_id: userId, user_email: changed.email }
    await writeAudit({ auth, call, db: tx }, serviceActor, 'user_modified', traits)
    return changed
  })
  return userJson(user, await listIdentities(auth.db, [user.id]))
}

function changesOf(auth: Auth, user: User, body: AdminUserBody, passwordHash: string | null): UserChanges {
  const verified = body.email_confirm ? { email_verified: true } : {}
  const raw_user_meta_data = mergeMetadata(user.raw_user_meta_data, { ...body.user_metadata, ...verified })
  const raw_app_meta_data = mergeMetadata(user.raw_app_meta_data, { ...body.app_metadata })
  requireSmallMetadata(raw_user_meta_data, 'user_metadata', auth.settings.metadataBytes)
  requireSmallMetadata(raw_app_meta_data, 'app_metadata', auth.settings.metadataBytes)
  return {
    raw_user_meta_data,
    raw_app_meta_data,
    ...(body.role && { role: body.role }),
    ...(passwordHash && { encrypted_password: passwordHash }),
    ...(body.email_confirm && { email_confirmed_at: user.email_confirmed_at ?? new Date(auth.now()) }),
    ...banOf(auth, body),
  }
}

export async function deleteUser(auth: Auth, call: Call, userId: string, isSoft: boolean): Promise<object> {
  requireUserId(userId)
  await auth.db.transaction(async (tx) => {
    const user = (await lockUser(tx, userId)) ?? userNotFound()
    const traits = { user_id: userId, user_email: user.email, soft: isSoft }
    await writeAudit({ auth, call, db: tx }, serviceActor, 'user_deleted', traits)
    if (isSoft) await blankOut(auth, tx, userId)
    else await tx.query('delete from auth.users where id = $1', [userId])
  })
  return {}
}

async function blankOut(auth: Auth, tx: Queryable, userId: string): Promise<void> {
  const at = new Date(auth.now())
  const nothing = { email: null, phone: null, encrypted_password: null, email_change: '' }
  const empty = { raw_user_meta_data: {}, raw_app_meta_data: {} }
  await updateUser(tx, userId, { ...nothing, ...empty, deleted_at: at }, at)
  await tx.query('delete from auth.identities where user_id = $1', [userId])
  await tx.query('delete from auth.one_time_tokens where user_id = $1', [userId])
  await deleteSessions(tx, userId, 'global', null)
}

function requireUserId(userId: string): string {
  if (!z.guid().safeParse(userId).success) fail(404, 'validation_failed', 'user_id must be an UUID')
  return userId
}

function userNotFound(): never {
  fail(404, 'user_not_found', 'User not found')
}
