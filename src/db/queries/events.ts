import { and, asc, eq, getTableColumns, gt, sql } from 'drizzle-orm'
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

/** The steps of an attempt of which an event tells already, as `name:status`. */
export async function listToldSteps(tx: Tx, work: WorkItem): Promise<Set<string>> {
  const rows = await tx
    .select({ step: events.step, status: sql<string>`${events.data} ->> 'status'` })
    .from(events)
    .where(
      and(
        eq(events.companyId, work.companyId),
        eq(events.executionId, work.id),
        eq(events.type, 'step'),
        sql`(${events.data} ->> 'attempt')::int = ${work.attempt}`,
      ),
    )
    .orderBy(asc(events.id))
  return new Set(rows.map((row) => `${row.step}:${row.status}`))
}

type NewEvent = Pick<ExecutionEvent, 'type' | 'level' | 'message' | 'data'> & { step?: string }

export async function insertEvents(
  tx: Tx,
  work: Pick<WorkItem, 'id' | 'companyId' | 'studioId'>,
  rows: NewEvent[],
): Promise<void> {
  if (rows.length === 0) return
  const key = { companyId: work.companyId, executionId: work.id, studioId: work.studioId }
  await tx.insert(events).values(rows.map((row) => ({ ...key, ...row })))
}
