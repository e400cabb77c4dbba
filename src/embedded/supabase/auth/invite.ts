import { z } from 'zod'
import type { Queryable } from '../database.ts'
import { serviceActor, writeAudit } from './audit.ts'
import { metadata, readEmail, text } from './body.ts'
import type { Auth, Call } from './context.ts'
import { deliver, type Letter } from './delivery.ts'
import { emailExists } from './email-change.ts'
import { listIdentities } from './identities.ts'
import { forms, writeLetter } from './letters.ts'
import { type Metadata, requireSmallMetadata } from './metadata.ts'
import { insertEmailUser } from './registration.ts'
import { type UserJson, userJson } from './user-json.ts'
import { findUserByEmail, type User, updateUser } from './users.ts'

export const inviteBody = z.object({ email: text, data: metadata })

export async function invite(auth: Auth, call: Call, body: z.infer<typeof inviteBody>): Promise<UserJson> {
  const email = readEmail(body.email)
  requireSmallMetadata(body.data, 'user_metadata', auth.settings.metadataBytes)
  auth.throttle.takeMail('invite', email)
  const { user, letter } = await auth.db.transaction((tx) =>
    writeInvitation(auth, call, tx, { email, data: body.data }),
  )
  await deliver(auth, call, letter)
  return userJson(user, await listIdentities(auth.db, [user.id]))
}

export async function writeInvitation(
  auth: Auth,
  call: Call,
  tx: Queryable,
  { email, data }: { email: string; data: Metadata },
): Promise<{ user: User; letter: Letter }> {
  const found = await findUserByEmail(tx, email)
  if (found?.confirmed_at) emailExists()
  const invited = found ?? (await insertEmailUser(auth, tx, { email, passwordHash: null, data, isConfirmed: false }))
  const at = new Date(auth.now())
  const user = await updateUser(tx, invited.id, { invited_at: at }, at)
  const traits = { user_id: user.id, user_email: email }
  await writeAudit({ auth, call, db: tx }, serviceActor, 'user_invited', traits)
  return await writeLetter(auth, tx, { user, form: forms.invite })
}
