import type { Profile } from '../../contracts/profile.ts'
import * as queries from '../../db/queries/profiles.ts'
import type { ServiceContext } from '../context.ts'
import { missing } from './access.ts'

/** The caller's own profile; the e-mail address is the one in the verified token. */
export async function getProfile(ctx: ServiceContext): Promise<Profile> {
  const { userId, email } = ctx.caller
  return ctx.read(async (tx) => ({
    ...((await queries.findProfile(tx, userId)) ?? (await missing(tx, 'profile', userId))),
    email,
  }))
}

export async function updateProfile(ctx: ServiceContext, fullName: string): Promise<Profile> {
  const { userId, email } = ctx.caller
  return ctx.transaction(async (tx) => ({
    ...((await queries.updateProfile(tx, userId, fullName)) ?? (await missing(tx, 'profile', userId))),
    email,
  }))
}
