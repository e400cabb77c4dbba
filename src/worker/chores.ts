import { keepPartitionsAhead, releaseHeld } from '../db/queries/work.ts'
import { fireSchedules } from '../services/workflows/fire-schedules.ts'
import type { WorkerContext } from '../services/workflows/worker-context.ts'

/** Background work beside the runs themselves. */
export interface Chore {
  name: string
  /** How often it looks for work by itself; a notice from the database wakes it besides, unless `isPatient`. */
  everyMs: number
  isPatient?: true
  /** Does some of the work in short transactions; true when there may be more, so that it is asked again at once. */
  work(ctx: WorkerContext): Promise<boolean>
}

const dayMs = 24 * 60 * 60 * 1000

export const chores: Chore[] = [
  {
    name: 'keep partitions ahead',
    everyMs: dayMs,
    isPatient: true,
    // Rows find the default partition when this fails; nothing waits for it.
    work: async (ctx) => {
      await ctx.transaction(keepPartitionsAhead)
      return false
    },
  },
  {
    name: 'release held runs',
    everyMs: 30_000,
    work: async (ctx) => (await ctx.transaction(releaseHeld)) > 0,
  },
  { name: 'fire schedules', everyMs: 15_000, work: fireSchedules },
]
