import { and, asc, eq, getTableColumns, gt, gte, or, sql } from 'drizzle-orm'
import type { ExecutionEvent } from '../../contracts/executions.ts'
import type { Tx } from '../client.ts'
import { executionEvents as events } from '../schema/index.ts'
import type { WorkItem } from './work.ts'

/** Events of a run behind `after`, oldest first. */
export function listEvents(
  tx: Tx,
  run: { companyId: string; id: string },
  after: number,
  limit: number,
): Promise<ExecutionEvent[]> {
  const { companyId: _, studioId: __, transactionId: ___, ...columns } = getTableColumns(events)
  return tx
    .select(columns)
    .from(events)
    .where(and(eq(events.companyId, run.companyId), eq(events.executionId, run.id), gt(events.id, after)))
    .orderBy(asc(events.id))
    .limit(limit)
}

/**
 * The steps, as `name:status`, that were told of a run in this attempt; where it goes on with an earlier one's run, those
 * that had succeeded there count as told.
 */
export async function findToldSteps(tx: Tx, work: WorkItem): Promise<Set<string>> {
  const attempt = sql`(${events.data} ->> 'attempt')::int`
  const status = sql<string | null>`${events.data} ->> 'status'`
  const ofThisAttempt = or(eq(attempt, work.attempt), and(gte(attempt, work.origin), eq(status, 'succeeded')))
  const rows = await tx
    .select({ step: events.step, status })
    .from(events)
    .where(and(ofRun(work), eq(events.type, 'step'), ofThisAttempt))
  return new Set(rows.map(({ step, status }) => `${step}:${status}`))
}

function ofRun(work: Pick<WorkItem, 'id' | 'companyId'>) {
  return and(eq(events.companyId, work.companyId), eq(events.executionId, work.id))
}

export type NewEvent = Pick<ExecutionEvent, 'type' | 'level' | 'message' | 'data'> & { step?: string }

export async function insertEvents(
  tx: Tx,
  work: Pick<WorkItem, 'id' | 'companyId' | 'studioId'>,
  rows: NewEvent[],
): Promise<void> {
  if (rows.length === 0) return
  const key = { companyId: work.companyId, executionId: work.id, studioId: work.studioId }
  await tx.insert(events).values(
    rows.map((row) => ({
      ...key,
      ...row,
      message: row.message.slice(0, 2000),
      step: row.step?.slice(0, 100) ?? null,
    })),
  )
}
