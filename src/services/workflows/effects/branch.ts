import type { Branch } from '../../../contracts/companies.ts'
import { effectArguments } from '../../../contracts/effects.ts'
import { lockBranches, updateCompany } from '../../../db/queries/companies.ts'
import { notFound } from '../../../errors.ts'
import { isNamed, requireBranchPlace } from '../../core/branches.ts'
import { effectRule } from './rule.ts'

export const branchUpsert = effectRule({
  arguments: effectArguments['branch.upsert'],
  role: 'admin',
  apply: async (tx, { companyId }, given) => {
    const known = (await lockBranches(tx, companyId)) ?? notFound('company', companyId)
    const { branches, before, after } = withBranch(known, given)
    await updateCompany(tx, companyId, { branches })
    return { entity: 'branch', id: after.name, before, after }
  },
})

/**
 * The branches with this one among them. One that is there keeps its name as it is written, its place, and what is not given.
 * @throws {DomainError} PRECONDITION_FAILED when there is no room for a further one.
 */
export function withBranch(branches: Branch[], given: Branch) {
  const before = branches.find((branch) => isNamed(branch, given.name))
  if (!before) {
    requireBranchPlace(branches)
    return { branches: [...branches, given], before: null, after: given }
  }
  const after = { ...before, ...given, name: before.name }
  return { branches: branches.map((branch) => (branch === before ? after : branch)), before, after }
}
