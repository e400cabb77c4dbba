import { z } from 'zod'
import { writeAudit } from './audit.ts'
import { pkceFields, readEmail, text } from './body.ts'
import type { Auth, Call } from './context.ts'
import { deliver } from './delivery.ts'
import { fail } from './errors.ts'
import { requireValidChallenge } from './flow-state.ts'
import { forms, writeLetter } from './letters.ts'
import { findUserByEmail } from './users.ts'

export const recoverBody = z.object({ email: text, ...pkceFields })

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
