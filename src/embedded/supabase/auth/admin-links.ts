import { z } from 'zod'
import type { Queryable } from '../database.ts'
import { serviceActor, writeAudit } from './audit.ts'
import { metadata, readEmail, text } from './body.ts'
import type { Auth, Call } from './context.ts'
import { actionLink, type Letter } from './delivery.ts'
import { emailExists, writeEmailChange } from './email-change.ts'
import { fail } from './errors.ts'
import { listIdentities } from './identities.ts'
import { writeInvitation } from './invite.ts'
import { forms, writeLetter } from './letters.ts'
import { requireSmallMetadata } from './metadata.ts'
import { requireGoodPassword } from './password-strength.ts'
import { allowedRedirect } from './redirects.ts'
import { insertEmailUser } from './registration.ts'
import { userJson } from './user-json.ts'
import { findUserByEmail, type User } from './users.ts'

export const linkBody = z.object({
  type: text,
  email: text,
  new_email: text,
  password: text,
  data: metadata,
  redirect_to: text,
})
type LinkBody = z.infer<typeof linkBody>

interface Request extends LinkBody {
  passwordHash: string | null
}

type Written = { user: User; letter: Letter; as?: string }

/** A link such as the mails carry, handed to the administrator instead of being sent. */
export async function generateLink(auth: Auth, call: Call, body: LinkBody): Promise<object> {
  const email = readEmail(body.email)
  requireSmallMetadata(body.data, 'user_metadata', auth.settings.metadataBytes)
  const passwordHash = body.type === 'signup' ? await hashOf(auth, body.password) : null
  const request = { ...body, email, passwordHash }
  const { user, letter, as } = await auth.db.transaction((tx) => write(auth, call, tx, request))
  const wanted = { ...call, redirectTo: body.redirect_to || call.redirectTo }
  const type = letter.kind === 'reauthentication' ? 'magiclink' : letter.kind
  return {
    ...userJson(user, await listIdentities(auth.db, [user.id])),
    action_link: actionLink(auth, wanted, type, letter.token),
    email_otp: letter.token.code,
    hashed_token: letter.token.hash,
    verification_type: as ?? type,
    redirect_to: allowedRedirect(auth.settings, wanted.redirectTo),
  }
}

async function hashOf(auth: Auth, password: string): Promise<string> {
  if (!password) fail(400, 'validation_failed', 'Signup requires a valid password')
  requireGoodPassword(password, auth.settings)
  return await auth.passwords.hash(password)
}

async function write(auth: Auth, call: Call, tx: Queryable, request: Request): Promise<Written> {
  const { email, data, passwordHash } = request
  const found = await findUserByEmail(tx, email)
  switch (request.type) {
    case 'signup':
      if (found?.confirmed_at) emailExists()
      return await writeSignUp(auth, call, tx, found, { email, data, passwordHash })
    case 'invite':
      return await writeInvitation(auth, call, tx, request)
    case 'magiclink':
      if (!found) return await writeSignUp(auth, call, tx, found, { email, data, passwordHash })
      return await writeLetter(auth, tx, { user: found, form: forms.magiclink })
    case 'recovery':
      if (!found) return userNotFound()
      await writeAudit({ auth, call, db: tx }, serviceActor, 'user_recovery_requested', { user_id: found.id })
      return await writeLetter(auth, tx, { user: found, form: forms.recovery })
    case 'email_change_current':
    case 'email_change_new':
      return await writeChange(auth, tx, found ?? userNotFound(), request)
    default:
      return fail(400, 'validation_failed', `Invalid email action link type requested: ${request.type.slice(0, 50)}`)
  }
}

async function writeSignUp(
  auth: Auth,
  call: Call,
  tx: Queryable,
  found: User | undefined,
  { email, data, passwordHash }: Pick<Request, 'email' | 'data' | 'passwordHash'>,
): Promise<Written> {
  const user = found ?? (await insertEmailUser(auth, tx, { email, passwordHash, data, isConfirmed: false }))
  await writeAudit({ auth, call, db: tx }, serviceActor, 'user_confirmation_requested', { user_id: user.id })
  return await writeLetter(auth, tx, { user, form: forms.signup })
}

async function writeChange(auth: Auth, tx: Queryable, user: User, request: Request): Promise<Written> {
  const newEmail = readEmail(request.new_email)
  if (await findUserByEmail(tx, newEmail)) emailExists()
  const written = await writeEmailChange(auth, tx, user, newEmail)
  const to = request.type === 'email_change_new' ? newEmail : user.email
  const letter = written.letters.find((candidate) => candidate.to === to)
  if (!letter) fail(400, 'validation_failed', 'Changes of address are not confirmed at the current address')
  return { user: written.user, letter, as: request.type }
}

function userNotFound(): never {
  fail(404, 'user_not_found', 'User with this email not found')
}
