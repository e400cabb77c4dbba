import { effectArguments } from '../../../contracts/effects.ts'
import { findContact, updateCompany } from '../../../db/queries/companies.ts'
import { notFound } from '../../../errors.ts'
import { effectRule } from './rule.ts'

export const companyContact = effectRule({
  arguments: effectArguments['company.updateContact'],
  role: 'admin',
  apply: async (tx, { companyId }, change) => {
    const before = (await findContact(tx, companyId)) ?? notFound('company', companyId)
    await updateCompany(tx, companyId, change)
    return { entity: 'company', id: companyId, before, after: { ...before, ...change } }
  },
})
