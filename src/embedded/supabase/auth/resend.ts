import { z } from 'zod'
import type { Queryable } from '../database.ts'
import { writeAudit } from './audit.ts'
import { readEmail, text } from './body.ts'
import type { Auth, Call } from './context.ts'
import { deliver, type Letter } from './delivery.ts'
import { writeEmailChange } from './email-change.ts'
import { fail } from './errors.ts'
import { forms, writeLetter } from './letters.ts'
import { findUserByEmail, type User } from './users.ts'

export const resendBody = z.object({ type: text, email: text, phone: text })

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
