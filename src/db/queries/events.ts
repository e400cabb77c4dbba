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
 * The steps of which an event of this attempt tells already, as `name:status`; where it goes on with an earlier one's run,
 * the steps that had succeeded there count as told.
 */
export async function listToldSteps(tx: Tx, work: WorkItem): Promise<Set<string>> {
  const attempt = sql`(${events.data} ->> 'attempt')::int`
  const status = sql<string>`${events.data} ->> 'status'`
  const rows = await tx
    .select({ step: events.step, status })
    .from(events)
    .where(
      and(
        ofRun(work),
        eq(events.type, 'step'),
        or(eq(attempt, work.attempt), and(gte(attempt, work.origin), eq(status, 'succeeded'))),
      ),
    )
    .orderBy(asc(events.id))
  return new Set(rows.map((row) => `${row.step}:${row.status}`))
}

/** The ids of the insights that were told of a run already. */
export async function listToldInsights(tx: Tx, work: Pick<WorkItem, 'id' | 'companyId'>): Promise<Set<string>> {
  const rows = await tx
    .select({ id: sql<string>`${events.data} #>> '{insight,id}'` })
    .from(events)
    .where(and(ofRun(work), eq(events.type, 'insight')))
  return new Set(rows.map((row) => row.id))
}

function ofRun(work: Pick<WorkItem, 'id' | 'companyId'>) {
  return and(eq(events.companyId, work.companyId), eq(events.executionId, work.id))
}

type NewEvent = Pick<ExecutionEvent, 'type' | 'level' | 'message' | 'data'> & { step?: string }

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
