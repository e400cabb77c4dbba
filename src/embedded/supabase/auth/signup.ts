import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type Queryable, sqlState } from '../database.ts'
import { unknownActor, writeAudit } from './audit.ts'
import { metadata, pkceFields, readEmail, text } from './body.ts'
import type { Auth, Call } from './context.ts'
import { deliver, type Letter } from './delivery.ts'
import { AuthError, fail } from './errors.ts'
import { type Challenge, requireValidChallenge } from './flow-state.ts'
import { emailClaims, listIdentities } from './identities.ts'
import { forms, writeLetter } from './letters.ts'
import { type Metadata, requireSmallMetadata } from './metadata.ts'
import { requireGoodPassword } from './password-strength.ts'
import { insertEmailUser, stranger } from './registration.ts'
import { type SessionJson, startSession } from './sessions.ts'
import { type UserJson, userJson } from './user-json.ts'
import { findUserByEmail, insertUser, type User } from './users.ts'

export const signUpBody = z.object({ email: text, phone: text, password: text, data: metadata, ...pkceFields })
type SignUpBody = z.infer<typeof signUpBody>

interface Registration {
  email: string
  passwordHash: string
  data: Metadata
  challenge: Challenge
}

export async function signUp(auth: Auth, call: Call, body: SignUpBody): Promise<SessionJson | UserJson> {
  if (!body.email && !body.phone) return await signUpAnonymously(auth, call, body.data)
  auth.throttle.takeRequest('mail', call.ip)
  const email = requireSignUpAllowed(auth, body)
  requireValidChallenge(body)
  requireSmallMetadata(body.data, 'user_metadata', auth.settings.metadataBytes)
  // Made before anybody looks whether the address is taken: both answers take as long.
  const passwordHash = await auth.passwords.hash(body.password)
  const registration = { email, passwordHash, data: body.data, challenge: body }
  return auth.settings.autoconfirm
    ? await registerConfirmed(auth, call, registration)
    : await registerUnconfirmed(auth, call, registration)
}

function requireSignUpAllowed({ settings }: Auth, body: SignUpBody): string {
  if (settings.disableSignup) fail(422, 'signup_disabled', 'Signups not allowed for this instance')
  if (!body.password) fail(400, 'validation_failed', 'Signup requires a valid password')
  requireGoodPassword(body.password, settings)
  if (body.email && body.phone) {
    fail(400, 'validation_failed', 'Only an email address or phone number should be provided on signup.')
  }
  if (body.phone) fail(400, 'phone_provider_disabled', 'Phone signups are disabled')
  if (!settings.emailEnabled) fail(400, 'email_provider_disabled', 'Email signups are disabled')
  return readEmail(body.email)
}

async function signUpAnonymously(auth: Auth, call: Call, data: Metadata): Promise<SessionJson> {
  if (!auth.settings.anonymousUsers) fail(422, 'anonymous_provider_disabled', 'Anonymous sign-ins are disabled')
  auth.throttle.takeRequest('anonymous', call.ip)
  if (auth.settings.disableSignup) fail(422, 'signup_disabled', 'Signups not allowed for this instance')
  requireSmallMetadata(data, 'user_metadata', auth.settings.metadataBytes)
  return await auth.db.transaction(async (tx) => {
    const user = await insertUser(tx, {
      id: randomUUID(),
      created_at: new Date(auth.now()),
      is_anonymous: true,
      raw_app_meta_data: {},
      raw_user_meta_data: data,
    })
    await writeAudit({ auth, call, db: tx }, user, 'user_signedup', { provider: 'anonymous' })
    return await startSession(auth, call, tx, user, 'anonymous')
  })
}

async function registerConfirmed(auth: Auth, call: Call, { email, passwordHash, data }: Registration) {
  const session = await auth.db
    .transaction(async (tx) => {
      if (await findUserByEmail(tx, email)) return undefined
      const user = await insertEmailUser(auth, tx, { email, passwordHash, data, isConfirmed: true })
      await writeAudit({ auth, call, db: tx }, user, 'user_signedup', { provider: 'email' })
      return await startSession(auth, call, tx, user, 'password')
    })
    .catch((error: unknown) => {
      if (sqlState(error) !== '23505') throw error
    })
  if (session) return session
  await writeAudit({ auth, call }, unknownActor(email), 'user_repeated_signup', { provider: 'email' })
  fail(422, 'user_already_exists', 'User already registered')
}

async function registerUnconfirmed(auth: Auth, call: Call, registration: Registration): Promise<UserJson> {
  const { email, data } = registration
  auth.throttle.takeMail('signup', email)
  const { user, letter } = await auth.db
    .transaction((tx) => findOrRegister(auth, call, tx, registration))
    .catch((error: unknown) => {
      if (sqlState(error) !== '23505') throw error
      throw new AuthError(409, 'conflict', 'Another sign-up with this address is in progress')
    })
  if (!letter) return userJson(stranger(auth, email, data), [])
  await deliver(auth, call, letter)
  // What an earlier caller said about this address is not shown to the next one.
  const shown = { ...user, raw_user_meta_data: { ...data, ...emailClaims(user.id, email) } }
  return userJson(shown, await listIdentities(auth.db, [user.id]))
}

async function findOrRegister(
  auth: Auth,
  call: Call,
  tx: Queryable,
  { email, passwordHash, data, challenge }: Registration,
): Promise<{ user: User; letter?: Letter }> {
  const found = await findUserByEmail(tx, email)
  if (found?.confirmed_at) {
    await writeAudit({ auth, call, db: tx }, found, 'user_repeated_signup', { provider: 'email' })
    return { user: found }
  }
  const user = found ?? (await insertEmailUser(auth, tx, { email, passwordHash, data, isConfirmed: false }))
  await writeAudit({ auth, call, db: tx }, user, 'user_confirmation_requested', { provider: 'email' })
  return await writeLetter(auth, tx, { user, form: forms.signup, challenge })
}
