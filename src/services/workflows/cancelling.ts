import type { WorkItem } from '../../db/queries/work.ts'
import { type Engine, type EngineRun, EngineUnavailable } from './engine.ts'
import { type Look, unreachableWaitMs } from './look.ts'
import { tellOf } from './progress.ts'
import { endRun } from './settle.ts'
import type { WorkerContext } from './worker-context.ts'

/** A cancel waits no longer than this for an engine that cannot be told of it. */
const longestWaitMs = 30_000

/**
 * Ends a run as cancelled, at the engine too where it can be. `show` gives what the engine has of it: it cancels only what is
 * queued or paused; a run that it goes on with is not waited for, and its result and effects are refused.
 */
export async function cancelRun(
  ctx: WorkerContext,
  work: WorkItem,
  engine: Engine,
  show: () => Promise<EngineRun | undefined>,
): Promise<Look> {
  let run: EngineRun | undefined
  try {
    run = await show()
    if (run) await engine.cancel(run.id)
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error
    const waitedMs = ctx.now() - Date.parse(work.cancelRequestedAt ?? '')
    if (waitedMs < Math.min(longestWaitMs, ctx.settings.rowWindowMs)) return { waitMs: unreachableWaitMs }
    await tellOf(
      ctx,
      work,
      'The engine did not take the cancel: it may still finish the run, and its result is dropped.',
    )
  }
  if (run?.status === 'running') {
    const message =
      'The engine cannot stop a run in the middle of a step: it may finish there, and its result is dropped.'
    await tellOf(ctx, work, message)
  }
  await endRun(ctx, work, { status: 'cancelled' }, run)
  return 'over'
}
