import type { RunContext } from '../context.ts'
import { timestamp } from '../settings.ts'
import { dequeueRun, type Run, selectRuns, updateRun } from '../store/runs.ts'
import { closeWaitpoints } from '../store/waitpoints.ts'

/** Cancels those of the runs that are waiting, and the runs they started; a running or finished one stays as it is. */
export function cancelRuns(context: RunContext, runs: Run[]): void {
  const { database, settings } = context
  const now = timestamp(settings)
  database.transaction(() => {
    const waiting = [...runs]
    for (let run = waiting.pop(); run !== undefined; run = waiting.pop()) {
      if (!updateRun(database, run.id, { status: 'CANCELED' }, now, ['PAUSED', 'QUEUED'])) continue
      dequeueRun(database, run.id)
      closeWaitpoints(database, run.id)
      waiting.push(...selectRuns(database, 'where parentRunId = ? and projectId = ?', run.id, run.projectId))
    }
  })
}

export function archiveRuns(context: RunContext, runs: Run[]): void {
  const now = timestamp(context.settings)
  context.database.transaction(() => {
    for (const run of runs) updateRun(context.database, run.id, { archivedAt: now }, now)
  })
}
