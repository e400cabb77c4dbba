import { includesRole, type Role } from '../../contracts/access.ts'
import type { Tx } from '../../db/client.ts'
import { findStanding } from '../../db/queries/access.ts'
import { DomainError, notFound, roleTooLow } from '../../errors.ts'

/**
 * The caller's role in the company.
 * @throws {DomainError} UNAUTHORIZED when the session has ended, NOT_FOUND when the company is not the caller's,
 * FORBIDDEN naming the role needed when it is too low.
 */
export async function requireRole(tx: Tx, companyId: string, needed: Role): Promise<Role> {
  const { hasSession, role } = await findStanding(tx, companyId)
  if (!hasSession) return sessionEnded()
  if (!role) return notFound('company', companyId)
  return includesRole(role, needed) ? role : roleTooLow(needed, role)
}

/** Tells a thing that is not there from a session that no longer sees anything. */
export async function missing(tx: Tx, what: string, id: string): Promise<never> {
  const { hasSession } = await findStanding(tx, null)
  return hasSession ? notFound(what, id) : sessionEnded()
}

/** @throws {DomainError} UNAUTHORIZED when the session has ended. */
export async function requireSession(tx: Tx): Promise<void> {
  const { hasSession } = await findStanding(tx, null)
  if (!hasSession) sessionEnded()
}

function sessionEnded(): never {
  throw new DomainError('UNAUTHORIZED', 'Your session has ended; sign in again.')
}
