import type { WorkItem } from '../../db/queries/work.ts'
import type { Engine, EngineRun } from './engine.ts'
import { tellOf } from './progress.ts'
import { endRun } from './settle.ts'
import type { WorkerContext } from './worker-context.ts'

/**
 * Ends a run as cancelled. `run` is what the engine has of it: it cancels only what is queued or paused; a run that it goes
 * on with is not waited for, and its result and effects are refused.
 */
export async function cancelRun(
  ctx: WorkerContext,
  work: WorkItem,
  engine: Engine,
  run: EngineRun | undefined,
): Promise<void> {
  if (run) await engine.cancel(run.id)
  if (run?.status === 'running') {
    const message =
      'The engine cannot stop a run in the middle of a step: it may finish there, and its result is dropped.'
    await tellOf(ctx, work, message)
  }
  await endRun(ctx, work, { status: 'cancelled' }, run)
}
