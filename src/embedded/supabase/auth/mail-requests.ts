import { z } from 'zod'
import { writeAudit } from './audit.ts'
import { requireUser } from './bearer.ts'
import { metadata, pkceFields, readEmail, text } from './body.ts'
import type { Auth, Call } from './context.ts'
import { type Queryable, sqlState } from './database.ts'
import { deliver, type Letter } from './delivery.ts'
import { writeEmailChange } from './email-change.ts'
import { fail } from './errors.ts'
import { requireValidChallenge } from './flow-state.ts'
import { forms, writeLetter } from './letters.ts'
import { type Metadata, requireSmallMetadata } from './metadata.ts'
import { issueToken, markSent } from './one-time-tokens.ts'
import { insertEmailUser } from './registration.ts'
import { findUserByEmail, lockUser, type User } from './users.ts'

export const recoverBody = z.object({ email: text, ...pkceFields })
export const otpBody = z.object({
  email: text,
  phone: text,
  data: metadata,
  create_user: z.boolean().nullish(),
  ...pkceFields,
})
export const resendBody = z.object({ type: text, email: text, phone: text, ...pkceFields })

/** Nobody learns whether the address has an account: the answer, and how often it may be asked, are the same. */
export async function recover(auth: Auth, call: Call, body: z.infer<typeof recoverBody>): Promise<object> {
  auth.throttle.takeRequest('mail', call.ip)
  if (!body.email) fail(400, 'validation_failed', 'Password recovery requires an email')
  const email = readEmail(body.email)
  requireValidChallenge(body)
  auth.throttle.takeMail('recovery', email)
  const written = await auth.db.transaction(async (tx) => {
    const user = await findUserByEmail(tx, email)
    if (!user) return undefined
    await writeAudit({ auth, call, db: tx }, user, 'user_recovery_requested')
    return await writeLetter(auth, tx, { user, form: forms.recovery, challenge: body })
  })
  if (written) await deliver(auth, call, written.letter)
  return {}
}

/** A sign-in code or link by mail; somebody new gets the one that confirms the address. */
export async function sendOtp(auth: Auth, call: Call, body: z.infer<typeof otpBody>): Promise<object> {
  auth.throttle.takeRequest('mail', call.ip)
  const email = requireOtpEmail(auth, body)
  requireValidChallenge(body)
  requireSmallMetadata(body.data, 'user_metadata', auth.settings.metadataBytes)
  auth.throttle.takeMail('magiclink', email)
  const written = await auth.db
    .transaction(async (tx) => {
      const user = (await findUserByEmail(tx, email)) ?? (await registerForOtp(auth, tx, email, body))
      const form = user.confirmed_at ? forms.magiclink : forms.signup
      const action = user.confirmed_at ? 'user_recovery_requested' : 'user_confirmation_requested'
      await writeAudit({ auth, call, db: tx }, user, action, { provider: 'email' })
      return await writeLetter(auth, tx, { user, form, challenge: body })
    })
    .catch((error: unknown) => {
      // Somebody asked for the same new address at this very moment: that request sends the mail.
      if (sqlState(error) !== '23505') throw error
    })
  if (written) await deliver(auth, call, written.letter)
  return {}
}

function requireOtpEmail({ settings }: Auth, body: z.infer<typeof otpBody>): string {
  if (body.email && body.phone) {
    fail(400, 'validation_failed', 'Only an email address or phone number should be provided')
  }
  if (body.phone) fail(400, 'phone_provider_disabled', 'Unsupported phone provider')
  if (!body.email) fail(400, 'validation_failed', 'One of email or phone must be set')
  if (!settings.emailEnabled) fail(422, 'email_provider_disabled', 'Email logins are disabled')
  return readEmail(body.email)
}

function registerForOtp(
  auth: Auth,
  tx: Queryable,
  email: string,
  body: { create_user?: boolean | null | undefined; data: Metadata },
): Promise<User> {
  if (body.create_user === false) fail(422, 'otp_disabled', 'Signups not allowed for otp')
  if (auth.settings.disableSignup) fail(422, 'signup_disabled', 'Signups not allowed for this instance')
  const isConfirmed = auth.settings.autoconfirm
  return insertEmailUser(auth, tx, { email, passwordHash: null, data: body.data, isConfirmed })
}

export async function resend(auth: Auth, call: Call, body: z.infer<typeof resendBody>): Promise<object> {
  auth.throttle.takeRequest('mail', call.ip)
  const email = requireResendEmail(body)
  auth.throttle.takeMail(body.type, email)
  const letters = await auth.db.transaction(async (tx) => {
    const user = await findUserByEmail(tx, email)
    if (!user) return []
    return body.type === 'signup'
      ? await resendConfirmation(auth, call, tx, user)
      : await resendEmailChange(auth, call, tx, user)
  })
  for (const letter of letters) await deliver(auth, call, letter)
  return {}
}

function requireResendEmail(body: z.infer<typeof resendBody>): string {
  if (!['signup', 'email_change', 'sms', 'phone_change'].includes(body.type)) {
    fail(400, 'validation_failed', 'Missing one of these types: signup, email_change, sms, phone_change')
  }
  if (body.type === 'sms' || body.type === 'phone_change') {
    fail(400, 'phone_provider_disabled', 'Unsupported phone provider')
  }
  if (!body.email) fail(400, 'validation_failed', 'Type provided requires an email address')
  return readEmail(body.email)
}

async function resendConfirmation(auth: Auth, call: Call, tx: Queryable, user: User): Promise<Letter[]> {
  if (user.confirmed_at) return []
  await writeAudit({ auth, call, db: tx }, user, 'user_confirmation_requested', { provider: 'email' })
  return [(await writeLetter(auth, tx, { user, form: forms.signup })).letter]
}

async function resendEmailChange(auth: Auth, call: Call, tx: Queryable, user: User): Promise<Letter[]> {
  if (!user.email_change) return []
  await writeAudit({ auth, call, db: tx }, user, 'user_modified', { resent: 'email_change' })
  return (await writeEmailChange(auth, tx, user, user.email_change)).letters
}

/** Sends the code that a careful password change asks for. */
export async function reauthenticate(auth: Auth, call: Call): Promise<object> {
  const { user } = await requireUser(auth, call)
  const { email } = user
  if (!email) {
    fail(400, 'validation_failed', 'Reauthentication requires the user to have an email or a phone number')
  }
  auth.throttle.takeMail('reauthentication', email)
  const token = await auth.db.transaction(async (tx) => {
    await lockUser(tx, user.id)
    await writeAudit({ auth, call, db: tx }, user, 'user_reauthenticate_requested')
    await markSent(auth, tx, user, 'reauthentication_token')
    return await issueToken(auth, tx, { user, type: 'reauthentication_token', email })
  })
  await deliver(auth, call, { kind: 'reauthentication', to: email, token })
  return {}
}
