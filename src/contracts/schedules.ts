/** What happens when a schedule comes due while its last run is still going. */
export const overlapRules = ['skip', 'queue', 'coalesce'] as const
export type OverlapRule = (typeof overlapRules)[number]

/** `waiting`: due, but the run before it is still going. `coalesced`: an earlier waiting one stands for it. */
export const occurrenceOutcomes = ['waiting', 'started', 'skipped', 'coalesced', 'refused'] as const
export type OccurrenceOutcome = (typeof occurrenceOutcomes)[number]
