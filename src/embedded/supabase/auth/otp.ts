import { z } from 'zod'
import { type Queryable, sqlState } from '../database.ts'
import { writeAudit } from './audit.ts'
import { metadata, pkceFields, readEmail, text } from './body.ts'
import type { Auth, Call } from './context.ts'
import { deliver } from './delivery.ts'
import { fail } from './errors.ts'
import { requireValidChallenge } from './flow-state.ts'
import { forms, writeLetter } from './letters.ts'
import { type Metadata, requireSmallMetadata } from './metadata.ts'
import { insertEmailUser } from './registration.ts'
import { findUserByEmail, type User } from './users.ts'

export const otpBody = z.object({
  email: text,
  phone: text,
  data: metadata,
  create_user: z.boolean().nullish(),
  ...pkceFields,
})

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
