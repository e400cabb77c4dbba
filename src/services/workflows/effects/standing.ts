import type { Role } from '../../../contracts/access.ts'
import type { Tx } from '../../../db/client.ts'
import { findStanding, lockCompany, type TakenEffect } from '../../../db/queries/effects.ts'

/**
 * Why a run may not change anything at this moment, in a sentence; undefined when it may. Until the transaction ends, what
 * was found stays so: whoever changes members of the company waits.
 */
export async function whyNot(tx: Tx, run: TakenEffect['run'], role: Role): Promise<string | undefined> {
  const company = await lockCompany(tx, run.companyId)
  if (!company || company.deletedAt) return 'The company is not there any more.'
  if (company.status === 'suspended') return 'The company is suspended; its data stays as it is.'
  const standing = await findStanding(tx, run, role)
  if (!standing) return 'The studio of the run is not there any more.'
  if (standing.isArchived) return 'The studio is archived; its runs change nothing any more.'
  if (standing.mayAct) return undefined
  return `This needs the role ${role} in the company and access to the studio, which the person who started the run does not have at this moment.`
}
