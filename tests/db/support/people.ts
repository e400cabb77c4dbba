import { randomBytes, randomUUID } from 'node:crypto'
import type { Role } from '../../../src/contracts/access.ts'
import type { ScopeClaims } from '../../../src/db/scope.ts'
import { insertRow, type Run } from './run.ts'

export function unique(): string {
  return randomBytes(5).toString('hex')
}

/** Somebody with an account and a session, and the claims that the API would make of their token. */
export async function signUp(owner: Run, fullName = `Person ${unique()}`): Promise<ScopeClaims> {
  const [userId, sessionId] = [randomUUID(), randomUUID()]
  await insertRow(owner, 'auth.users', { id: userId, raw_user_meta_data: { full_name: fullName } })
  await insertRow(owner, 'auth.sessions', { id: sessionId, user_id: userId })
  return { userId, sessionId, expiresAt: Math.floor(Date.now() / 1000) + 3600 }
}

export async function signOut(owner: Run, person: ScopeClaims): Promise<void> {
  await owner('delete from auth.sessions where id = $1', [person.sessionId])
}

/** What a company has to say of itself. */
export function companyRow(founder: ScopeClaims, slug = `company-${unique()}`) {
  return {
    name: `Company ${slug}`,
    slug,
    industry_type: 'technology',
    contact_email: 'office@example.com',
    headquarters_address: '1 Example Street, Sampleton',
    created_by: founder.userId,
  }
}

/** Makes the person an approved member of the company. */
export async function enrol(owner: Run, companyId: string, person: ScopeClaims, role: Role): Promise<void> {
  const membership = { company_id: companyId, user_id: person.userId, role, status: 'approved', joined_at: 'now' }
  await insertRow(owner, 'user_companies', membership)
}
