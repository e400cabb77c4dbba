import type { Queryable } from '../database.ts'
import type { Metadata } from './metadata.ts'

export interface User {
  id: string
  aud: string
  role: string
  email: string | null
  phone: string | null
  encrypted_password: string | null
  email_confirmed_at: Date | null
  phone_confirmed_at: Date | null
  confirmed_at: Date | null
  invited_at: Date | null
  confirmation_sent_at: Date | null
  recovery_sent_at: Date | null
  email_change: string
  email_change_sent_at: Date | null
  email_change_confirm_status: number
  reauthentication_sent_at: Date | null
  last_sign_in_at: Date | null
  raw_app_meta_data: Metadata
  raw_user_meta_data: Metadata
  created_at: Date
  updated_at: Date
  banned_until: Date | null
  deleted_at: Date | null
  is_anonymous: boolean
}

export type UserChanges = Partial<Omit<User, 'id' | 'created_at' | 'confirmed_at'>>
export type NewUser = Pick<User, 'id' | 'created_at'> & UserChanges

/** Every column of {@link User}, for a select list. */
export const userColumns = `u.id, u.aud, u.role, u.email, u.phone, u.encrypted_password, u.email_confirmed_at,
  u.phone_confirmed_at, u.confirmed_at, u.invited_at, u.confirmation_sent_at, u.recovery_sent_at,
  coalesce(u.email_change, '') as email_change, u.email_change_sent_at,
  coalesce(u.email_change_confirm_status, 0) as email_change_confirm_status, u.reauthentication_sent_at,
  u.last_sign_in_at, coalesce(u.raw_app_meta_data, '{}') as raw_app_meta_data,
  coalesce(u.raw_user_meta_data, '{}') as raw_user_meta_data, u.created_at, u.updated_at, u.banned_until,
  u.deleted_at, u.is_anonymous`

const nobody = '00000000-0000-0000-0000-000000000000'

export async function findUser(db: Queryable, userId: string): Promise<User | undefined> {
  const [user] = await db.query<User>(`select ${userColumns} from auth.users u where u.id = $1`, [userId])
  return user
}

/** Takes the address as it is stored: in lower case. */
export async function findUserByEmail(db: Queryable, email: string): Promise<User | undefined> {
  const text = `select ${userColumns} from auth.users u where u.email = $1 and u.is_sso_user = false`
  const [user] = await db.query<User>(text, [email])
  return user
}

export async function lockUser(tx: Queryable, userId: string): Promise<User | undefined> {
  const [user] = await tx.query<User>(`select ${userColumns} from auth.users u where u.id = $1 for update`, [userId])
  return user
}

export async function insertUser(tx: Queryable, user: NewUser): Promise<User> {
  const row = { instance_id: nobody, aud: 'authenticated', role: 'authenticated', updated_at: user.created_at, ...user }
  const names = Object.keys(row)
  const places = names.map((_, index) => `$${index + 1}`)
  const text = `insert into auth.users as u (${names.join(', ')}) values (${places.join(', ')}) returning ${userColumns}`
  const [inserted] = await tx.query<User>(text, Object.values(row))
  if (!inserted) throw new Error('The user was not stored.')
  return inserted
}

/** Column names come from this code's own types, never from a request. */
export async function updateUser(tx: Queryable, userId: string, changes: UserChanges, at: Date): Promise<User> {
  const row = { updated_at: at, ...changes }
  const places = Object.keys(row).map((name, index) => `${name} = $${index + 2}`)
  const text = `update auth.users u set ${places.join(', ')} where u.id = $1 returning ${userColumns}`
  const [updated] = await tx.query<User>(text, [userId, ...Object.values(row)])
  if (!updated) throw new Error('The user to change is gone.')
  return updated
}

export function isBanned(user: User, now: number): boolean {
  return user.banned_until !== null && user.banned_until.getTime() > now
}
