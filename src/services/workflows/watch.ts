import type { ExecutionEvent } from '../../contracts/executions.ts'
import type { Tx } from '../../db/client.ts'
import { findCourse, listEvents } from '../../db/queries/events.ts'
import type { ServiceContext } from '../context.ts'
import { missing } from '../core/access.ts'

/** Access is looked at again at least this often, so a stream ends soon after its watcher lost access. */
const recheckMs = 10_000
const batch = 100

/**
 * The events of a run after `after`, then those to come, each once and in order, until the run has ended and its
 * effects are done.
 * @throws {DomainError} NOT_FOUND or UNAUTHORIZED, also in the middle, once the caller may not see the run any more.
 */
export async function* watchExecution(
  ctx: ServiceContext,
  executionId: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<ExecutionEvent> {
  const bell = ctx.bell(executionId)
  let last = after
  try {
    while (!signal.aborted) {
      const { events, isOver } = await look(ctx, executionId, last)
      for (const event of events) yield event
      last = events.at(-1)?.id ?? last
      if (isOver && events.length < batch) return
      if (events.length < batch) await bell.next(recheckMs, signal)
    }
  } finally {
    bell.close()
  }
}

/** @throws {DomainError} NOT_FOUND or UNAUTHORIZED when the caller may not see the run. */
export async function requireRun(ctx: ServiceContext, executionId: string): Promise<void> {
  await ctx.read(async (tx) => void (await findRun(tx, executionId)))
}

async function findRun(tx: Tx, executionId: string) {
  return (await findCourse(tx, executionId)) ?? missing(tx, 'run', executionId)
}

// Whether it is over is read before the events: if so, the last one is among those read after it.
function look(ctx: ServiceContext, executionId: string, after: number) {
  return ctx.read(async (tx) => {
    const run = await findRun(tx, executionId)
    return { events: await listEvents(tx, run, after, batch), isOver: run.isOver }
  })
}
