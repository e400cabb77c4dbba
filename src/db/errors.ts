import pg from 'pg'
import { DomainError, type ErrorCode } from '../errors.ts'

/** Refusals of our own triggers carry a message for people (drizzle: guard_state_moves). */
const ownStates: Record<string, ErrorCode> = {
  ST001: 'FORBIDDEN',
  ST002: 'QUOTA_EXCEEDED',
  ST003: 'PRECONDITION_FAILED',
  ST004: 'PRECONDITION_FAILED',
}

/** What a broken unique constraint means to the person who broke it. */
const conflicts: Record<string, string> = {
  companies_created_by_name_key: 'You have already registered a company of this name; choose another name.',
  companies_slug_key: 'This short name is taken; choose another company name.',
  user_companies_company_id_user_id_key: 'You have already asked to join this company or belong to it.',
  studios_company_id_name_key: 'The company already has a studio of this name; choose another name.',
  integrations_company_id_kind_key:
    'Somebody else has set an engine for the company at this moment; look at it and try again.',
  studio_members_pkey: 'This person may already enter the studio.',
  folders_name_key: 'There is a folder of this name in the same place already; choose another name.',
  workflow_executions_idempotency_key:
    'This idempotency key is in use by another run that is starting; send the same request again.',
}

const missing: Record<string, string> = {
  files_folder_fkey: 'The folder is not in this studio; choose one of the studio’s own folders.',
  folders_parent_fkey: 'The folder above is not in this studio; choose one of the studio’s own folders.',
  studio_members_member_fkey: 'This person is not a member of the company; approve the membership first.',
}

// Class 08: connection; 53: resources; 57P: shut down by an operator.
// Then a prepared statement that is gone (26000), taken (42P05), or that a migration gave another result.
const unavailable = /^(08|53|57P|26000|42P05)|^0A000$/

/**
 * Turns what the driver reports into a DomainError where it means something to a caller, and passes the rest on.
 * @throws always
 */
export function databaseFault(thrown: unknown): never {
  throw translate(thrown)
}

/** Whatever keeps us from connecting, a changed password for one, is no fault of the caller. @throws always */
export function noConnection(cause: unknown): never {
  throw outOfReach(cause)
}

/** The commit was sent and nothing came back. @throws always */
export function commitInDoubt(cause: unknown): never {
  throw new DomainError(
    'UNAVAILABLE',
    'The connection was lost while the change was being saved; look whether it is there before you try again.',
    { cause },
  )
}

function translate(thrown: unknown): unknown {
  if (!(thrown instanceof pg.DatabaseError)) return isConnectionFault(thrown) ? outOfReach(thrown) : thrown
  const own = thrown.code ? ownStates[thrown.code] : undefined
  if (own) return new DomainError(own, thrown.message, { cause: thrown })
  const byConstraint = thrown.constraint ? (conflicts[thrown.constraint] ?? missing[thrown.constraint]) : undefined
  if (byConstraint && (thrown.code === '23505' || thrown.code === '23503')) {
    return new DomainError(thrown.code === '23505' ? 'CONFLICT' : 'NOT_FOUND', byConstraint, { cause: thrown })
  }
  if (thrown.code === '42501') {
    return new DomainError('FORBIDDEN', 'Your role in the company does not allow this; ask an admin of the company.', {
      cause: thrown,
    })
  }
  return thrown.code && unavailable.test(thrown.code) ? outOfReach(thrown) : thrown
}

function isConnectionFault(thrown: unknown): boolean {
  return (
    thrown instanceof Error && /ECONN|EPIPE|terminated|timeout exceeded|Connection|read timeout/i.test(thrown.message)
  )
}

function outOfReach(cause: unknown): DomainError {
  return new DomainError(
    'UNAVAILABLE',
    'The database cannot be reached at the moment; nothing was changed. Try again shortly.',
    { cause },
  )
}
