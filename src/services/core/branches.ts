import { type Branch, mostBranches } from '../../contracts/companies.ts'
import { DomainError } from '../../errors.ts'

/** Names are unique within a company, upper and lower case alike. */
export function isNamed(branch: Branch, name: string): boolean {
  return branch.name.toLowerCase() === name.toLowerCase()
}

/** @throws {DomainError} PRECONDITION_FAILED when a company with these branches can have no further one. */
export function requireBranchPlace(branches: Branch[]): void {
  if (branches.length < mostBranches) return
  throw new DomainError(
    'PRECONDITION_FAILED',
    `A company has at most ${mostBranches} branches; remove one before another is added.`,
  )
}
