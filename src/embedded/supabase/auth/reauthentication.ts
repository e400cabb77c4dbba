import { writeAudit } from './audit.ts'
import { requireUser } from './bearer.ts'
import type { Auth, Call } from './context.ts'
import { deliver } from './delivery.ts'
import { fail } from './errors.ts'
import { issueToken, markSent } from './one-time-tokens.ts'
import { lockUser } from './users.ts'

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
