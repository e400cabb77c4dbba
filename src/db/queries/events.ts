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

/** What events tell already: steps as `name:status`, insights by their ids. */
export interface Told {
  steps: Set<string>
  insights: Set<string>
}

/**
 * What was told of a run in this attempt; where it goes on with an earlier one's run, the steps that had succeeded there
 * count as told. Insights count whatever the attempt.
 */
export async function findTold(tx: Tx, work: WorkItem): Promise<Told> {
  const attempt = sql`(${events.data} ->> 'attempt')::int`
  const status = sql<string | null>`${events.data} ->> 'status'`
  const ofThisAttempt = or(eq(attempt, work.attempt), and(gte(attempt, work.origin), eq(status, 'succeeded')))
  const rows = await tx
    .select({ step: events.step, status, insight: sql<string | null>`${events.data} #>> '{insight,id}'` })
    .from(events)
    .where(and(ofRun(work), or(eq(events.type, 'insight'), and(eq(events.type, 'step'), ofThisAttempt))))
  return {
    steps: new Set(rows.flatMap((row) => (row.step === null ? [] : [`${row.step}:${row.status}`]))),
    insights: new Set(rows.flatMap((row) => row.insight ?? [])),
  }
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
