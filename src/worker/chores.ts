import { releaseHeld } from '../db/queries/claims.ts'
import { forgetEngineSecrets } from '../db/queries/integrations.ts'
import { keepPartitionsAhead } from '../db/queries/work.ts'
import { purgeTrash } from '../services/core/files/trash.ts'
import { removeBytes, sweepUploads } from '../services/core/files/upkeep.ts'
import { carryOutBulk } from '../services/workflows/carry-out-bulk.ts'
import { applyEffects } from '../services/workflows/effects/apply.ts'
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

const hourMs = 60 * 60 * 1000
const dayMs = 24 * hourMs

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
  { name: 'apply effects', everyMs: 10_000, work: applyEffects },
  {
    name: 'forget the accounts of removed engines',
    everyMs: 10 * 60_000,
    isPatient: true,
    work: async (ctx) => {
      await ctx.transaction(forgetEngineSecrets)
      return false
    },
  },
  { name: 'empty the trash of what has been there long enough', everyMs: hourMs, isPatient: true, work: purgeTrash },
  { name: 'fire schedules', everyMs: 15_000, work: fireSchedules },
  { name: 'give up uploads that have run out', everyMs: 60_000, isPatient: true, work: sweepUploads },
  { name: 'remove the bytes of files that are gone', everyMs: 60_000, work: removeBytes },
  { name: 'carry out bulk operations', everyMs: 10_000, work: carryOutBulk },
]
