import type { WorkItem } from '../../db/queries/work.ts'
import { correlationId, flowIdOf } from './dispatch.ts'
import { type Engine, type EngineRun, EngineUnavailable } from './engine.ts'
import type { WorkerContext } from './worker-context.ts'

/** How far the engine's clock may lag behind the database's; its tags are unique, so looking further back does no harm. */
const clockSkewMs = 5 * 60 * 1000

/** The engine's run of an attempt, by its tag; a missing one may still appear. */
export async function findRun(ctx: WorkerContext, work: WorkItem, engine: Engine): Promise<string | undefined> {
  const since = new Date(Date.parse(work.attemptStartedAt) - clockSkewMs).toISOString()
  return engine.findRun(await flowIdOf(ctx, work), correlationId(work), since)
}

/** What the engine has of a run. @throws {EngineUnavailable} when it cannot be asked. */
export async function showRun(ctx: WorkerContext, work: WorkItem, engine: Engine): Promise<EngineRun | undefined> {
  const runId = work.engineRunId ?? (await findRun(ctx, work, engine))
  return runId ? engine.getRun(runId, work.resultStep) : undefined
}

/** The same of a run whose end is known without the engine, which need not be there to be asked. */
export async function peekAtRun(ctx: WorkerContext, work: WorkItem, engine: Engine): Promise<EngineRun | undefined> {
  try {
    return await showRun(ctx, work, engine)
  } catch (error) {
    if (error instanceof EngineUnavailable) return undefined
    throw error
  }
}
