import type {
  Execution,
  ExecutionEvent,
  ExecutionSummary,
  ListExecutionsInput,
  ListLogsInput,
} from '../../contracts/executions.ts'
import type { Tx } from '../../db/client.ts'
import { readCursor, toPage } from '../../db/paging.ts'
import { listEvents } from '../../db/queries/events.ts'
import * as queries from '../../db/queries/executions.ts'
import type { ServiceContext } from '../context.ts'
import { missing, requireRole } from '../core/access.ts'

/** Runs of a company, newest first, in the studios that the caller may enter. */
export async function listExecutions(ctx: ServiceContext, input: ListExecutionsInput) {
  const after = readCursor(input.cursor)
  return ctx.read(async (tx) => {
    const rows = await queries.listExecutions(tx, input, after)
    if (rows.length === 0) await requireRole(tx, input.companyId, 'viewer')
    return toPage(rows, input.limit, (row) => ({ at: row.createdAt, id: row.id }))
  })
}

export async function findExecution(ctx: ServiceContext, executionId: string): Promise<Execution> {
  return ctx.read(async (tx) => (await queries.findExecution(tx, executionId)) ?? missing(tx, 'run', executionId))
}

/** What happened in a run, oldest first; `nextAfter` continues, null when there is nothing more so far. */
export async function listLogs(
  ctx: ServiceContext,
  input: ListLogsInput,
): Promise<{ items: ExecutionEvent[]; nextAfter: number | null }> {
  return ctx.read(async (tx) => {
    const run = await getSummary(tx, input.executionId)
    const items = await listEvents(tx, run, input.after, input.limit)
    return { items, nextAfter: items.length === input.limit ? (items.at(-1)?.id ?? null) : null }
  })
}

export async function getSummary(tx: Tx, executionId: string): Promise<ExecutionSummary> {
  return (await queries.findExecutionSummary(tx, executionId)) ?? missing(tx, 'run', executionId)
}
