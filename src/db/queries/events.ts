import { and, asc, eq, getTableColumns, gt, gte, inArray, or, sql } from 'drizzle-orm'
import { type ExecutionEvent, endStatuses } from '../../contracts/executions.ts'
import type { Tx } from '../client.ts'
import {
  executionEffects as effects,
  executionEvents as events,
  workflowExecutions as executions,
} from '../schema/index.ts'

interface RunKey {
  id: string
  companyId: string
}

/** Which company a run is of, and whether everything has been told of it: it has ended and none of its effects waits. */
export async function findCourse(tx: Tx, executionId: string): Promise<(RunKey & { isOver: boolean }) | undefined> {
  const { id, companyId, status } = executions
  const waiting = sql`select from ${effects} where ${effects.companyId} = ${companyId} and ${effects.executionId} = ${id}
    and ${effects.outcome} = 'waiting'`
  const isOver = sql<boolean>`${inArray(status, [...endStatuses])} and not exists (${waiting})`
  const rows = await tx.select({ id, companyId, isOver }).from(executions).where(eq(id, executionId))
  return rows[0]
}

/** Events of a run behind `after`, oldest first. */
export function listEvents(tx: Tx, run: RunKey, after: number, limit: number): Promise<ExecutionEvent[]> {
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
export async function findToldSteps(tx: Tx, work: RunKey & { attempt: number; origin: number }): Promise<Set<string>> {
  const attempt = sql`(${events.data} ->> 'attempt')::int`
  const status = sql<string | null>`${events.data} ->> 'status'`
  const ofThisAttempt = or(eq(attempt, work.attempt), and(gte(attempt, work.origin), eq(status, 'succeeded')))
  const rows = await tx
    .select({ step: events.step, status })
    .from(events)
    .where(and(ofRun(work), eq(events.type, 'step'), ofThisAttempt))
  return new Set(rows.map(({ step, status }) => `${step}:${status}`))
}

function ofRun(work: RunKey) {
  return and(eq(events.companyId, work.companyId), eq(events.executionId, work.id))
}

export type NewEvent = Pick<ExecutionEvent, 'type' | 'level' | 'message' | 'data'> & { step?: string }

export async function insertEvents(tx: Tx, work: RunKey & { studioId: string }, rows: NewEvent[]): Promise<void> {
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
