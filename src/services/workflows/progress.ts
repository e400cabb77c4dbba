import type { WaitingFor } from '../../contracts/executions.ts'
import { insertEvents } from '../../db/queries/events.ts'
import * as queries from '../../db/queries/work.ts'
import type { EngineRun } from './engine.ts'
import { maskOf, tellSteps, unlessEnded } from './settle.ts'
import { titleOf } from './step-events.ts'
import type { WorkerContext } from './worker-context.ts'

/** Writes what is new about a run that goes on, and follows the engine into and out of pauses. */
export async function recordProgress(ctx: WorkerContext, work: queries.WorkItem, run: EngineRun): Promise<void> {
  const mask = await maskOf(ctx, work)
  await unlessEnded(ctx, work, async (tx, now) => {
    await tellSteps(tx, work, run, mask)
    const pause = run.status === 'paused' ? pauseOf(ctx, work, run) : undefined
    const wentOn = now.status === 'paused' && (run.status === 'running' || isOther(now.waitingFor, pause))
    if (wentOn) {
      await queries.moveExecution(tx, work.id, ['paused'], { status: 'running', deadlineAt: deadlineFor(ctx, work) })
    }
    if (pause && (wentOn || now.status === 'running')) {
      await queries.moveExecution(tx, work.id, ['running'], { status: 'paused', waitingFor: pause, deadlineAt: null })
    }
  })
}

// A run may go on and come to its next pause between two looks.
function isOther(known: WaitingFor | null, seen: WaitingFor | undefined): boolean {
  return seen !== undefined && (known?.step !== seen.step || known.kind !== seen.kind)
}

/** Tells something about a run that no step tells. */
export async function tellOf(
  ctx: WorkerContext,
  work: queries.WorkItem,
  message: string,
  data: Record<string, unknown> = {},
): Promise<void> {
  await unlessEnded(ctx, work, async (tx) => {
    await insertEvents(tx, work, [{ type: 'log', level: 'warning', message, data: { attempt: work.attempt, ...data } }])
  })
}

/** The moment at which a run that starts or goes on now counts as lost. */
export function deadlineFor(ctx: WorkerContext, work: Pick<queries.WorkItem, 'durationMinutes'>): string {
  const { deadlineFactor, leastDeadlineMs } = ctx.settings
  return new Date(ctx.now() + Math.max(leastDeadlineMs, deadlineFactor * work.durationMinutes * 60_000)).toISOString()
}

function pauseOf(ctx: WorkerContext, work: queries.WorkItem, run: EngineRun): WaitingFor {
  const step = run.pausedStep?.name ?? ''
  const kind = run.pausedStep?.resumesAt ? 'time' : waitpointOf(run) ? 'approval' : 'message'
  return { kind, step, title: titleOf(work, step), since: new Date(ctx.now()).toISOString() }
}

/** The waitpoint at which a run pauses: that of the paused step itself, or else the newest that a step before it made. */
export function waitpointOf(run: EngineRun): string | undefined {
  const own = run.pausedStep && run.waitpoints[run.pausedStep.name]
  return own ?? Object.values(run.waitpoints).at(-1)
}
