import { eq } from 'drizzle-orm'
import type { Profile } from '../../contracts/profile.ts'
import type { Tx } from '../client.ts'
import { userProfiles } from '../schema/index.ts'

export type ProfileRow = Omit<Profile, 'email'>

const shown = {
  id: userProfiles.id,
  fullName: userProfiles.fullName,
  status: userProfiles.status,
  createdAt: userProfiles.createdAt,
  lastLoginAt: userProfiles.lastLoginAt,
}

export async function findProfile(tx: Tx, userId: string): Promise<ProfileRow | undefined> {
  const rows = await tx.select(shown).from(userProfiles).where(eq(userProfiles.id, userId))
  return rows[0]
}

export async function updateProfile(tx: Tx, userId: string, fullName: string): Promise<ProfileRow | undefined> {
  const rows = await tx.update(userProfiles).set({ fullName }).where(eq(userProfiles.id, userId)).returning(shown)
  return rows[0]
}
