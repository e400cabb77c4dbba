import type { RunContext } from '../context.ts'
import { timestamp } from '../settings.ts'
import { enqueueRun, findRun, updateRun } from '../store/runs.ts'
import { consumeWaitpoint, findWaitpoint } from '../store/waitpoints.ts'
import type { ResumePayload } from './execution.ts'

export type Resumed = 'resumed' | 'early' | 'stale'

/**
 * Uses a waitpoint up and puts its run back in the queue. A run that is not stored as paused yet keeps the payload and
 * goes on when it pauses; whoever waits for its answer waits in vain then.
 */
export function resumeRun(context: RunContext, runId: string, waitpointId: string, payload: ResumePayload): Resumed {
  const { database, settings } = context
  return database.transaction(() => {
    const run = findRun(database, runId)
    const waitpoint = findWaitpoint(database, runId, waitpointId)
    if (run === undefined || waitpoint === undefined || waitpoint.isUsed) return 'stale'
    const now = timestamp(settings)
    consumeWaitpoint(database, waitpointId)
    if (run.status === 'PAUSED') {
      updateRun(database, runId, { status: 'QUEUED', resume: payload }, now)
      enqueueRun(database, runId)
      return 'resumed'
    }
    if (run.status !== 'RUNNING' && run.status !== 'QUEUED') return 'stale'
    updateRun(database, runId, { earlyResume: payload }, now)
    return 'early'
  })
}
