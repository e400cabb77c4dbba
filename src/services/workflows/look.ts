/**
 * What a look at a run found: it is over; something new (look again soon); nothing new (look again, a little later each
 * time); or nothing to do for as long as is said.
 */
export type Look = 'over' | 'moved' | 'same' | { waitMs: number }

/** The time until an engine that could not be reached is asked again. */
export const unreachableWaitMs = 2000
