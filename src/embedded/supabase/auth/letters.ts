import type { Queryable } from '../database.ts'
import type { Auth } from './context.ts'
import type { Letter, LinkType } from './delivery.ts'
import { type Challenge, insertFlow } from './flow-state.ts'
import { issueToken, markSent, type TokenType } from './one-time-tokens.ts'
import type { SignInMethod } from './sessions.ts'
import { lockUser, type User } from './users.ts'

interface Form {
  kind: LinkType
  type: TokenType
  method: SignInMethod
}

/** The mails that let somebody in, and what each is stored as. */
export const forms = {
  signup: { kind: 'signup', type: 'confirmation_token', method: 'email/signup' },
  invite: { kind: 'invite', type: 'confirmation_token', method: 'invite' },
  recovery: { kind: 'recovery', type: 'recovery_token', method: 'recovery' },
  magiclink: { kind: 'magiclink', type: 'recovery_token', method: 'magiclink' },
} as const satisfies Record<string, Form>

/** Stores a new code for a user and writes the letter that carries it; to be sent after the transaction. */
export async function writeLetter(
  auth: Auth,
  tx: Queryable,
  { user, form, challenge }: { user: User; form: Form; challenge?: Challenge },
): Promise<{ user: User; letter: Letter }> {
  await lockUser(tx, user.id)
  const email = user.email ?? ''
  const isPkce = Boolean(challenge?.code_challenge)
  if (challenge && isPkce) await insertFlow(auth, tx, { userId: user.id, method: form.method, challenge })
  const token = await issueToken(auth, tx, { user, type: form.type, email, isPkce })
  return { user: await markSent(auth, tx, user, form.type), letter: { kind: form.kind, to: email, token } }
}
