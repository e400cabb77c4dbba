import { type EffectKind, effectKind } from '../../../contracts/effects.ts'
import { branchUpsert } from './branch.ts'
import { companyContact } from './company-contact.ts'
import { fileSave } from './file.ts'
import { insightRecord } from './insight.ts'
import type { EffectRule } from './rule.ts'

const rules: Record<EffectKind, EffectRule> = {
  'branch.upsert': branchUpsert,
  'company.updateContact': companyContact,
  'file.save': fileSave,
  'insight.record': insightRecord,
}

/** How effects of this kind are checked and applied; undefined for a kind that there is not. */
export function ruleOf(kind: string): EffectRule | undefined {
  const known = effectKind.safeParse(kind)
  return known.success ? rules[known.data] : undefined
}
