export const groupStates = ['open', 'resolved', 'ignored'] as const
export type GroupState = (typeof groupStates)[number]
