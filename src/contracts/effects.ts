/** `refused`: not declared, not allowed, or not possible. `failed`: allowed, but it did not work. */
export const effectOutcomes = ['waiting', 'applied', 'refused', 'failed'] as const
export type EffectOutcome = (typeof effectOutcomes)[number]
