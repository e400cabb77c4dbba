import { type ExecutionEvent, hasEnded } from '../../contracts/executions.ts'
import { listEvents } from '../../db/queries/events.ts'
import * as queries from '../../db/queries/executions.ts'
import type { ServiceContext } from '../context.ts'
import { missing } from '../core/access.ts'

/** Access is looked at again at least this often, so a stream ends soon after its watcher lost access. */
const recheckMs = 10_000
const batch = 100

/**
 * The events of a run after `after`, then those to come, each once and in order, until the run has ended.
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

// The state is read before the events: when it says that the run is over, its last event is among those read after it.
function look(ctx: ServiceContext, executionId: string, after: number) {
  return ctx.read(async (tx) => {
    const run = (await queries.findExecutionSummary(tx, executionId)) ?? (await missing(tx, 'run', executionId))
    return { events: await listEvents(tx, run, after, batch), isOver: hasEnded(run.status) }
  })
}
