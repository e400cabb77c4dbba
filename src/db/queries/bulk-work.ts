import { and, asc, eq, exists, not, sql } from 'drizzle-orm'
import type { BulkAction, BulkOptions, BulkVerdict } from '../../contracts/bulk.ts'
import { type ExecutionStatus, priorities } from '../../contracts/executions.ts'
import type { Tx } from '../client.ts'
import {
  workflowExecutions as executions,
  bulkItems as items,
  bulkOperations as operations,
  workflowTemplates as templates,
  workflowTemplateVersions as versions,
} from '../schema/index.ts'
import { isWithoutReplay } from './run-filters.ts'

type Json = Record<string, unknown>

// Written out, not bound: only so can the indexes of what runs and what waits be used by a prepared statement.
const isRunning = sql`${operations.status} = 'running'`
const isWaiting = sql`${items.verdict} = 'waiting'`

export interface RunningOperation {
  id: string
  companyId: string
}

/** Operations that have their turns next; companies take turns, the oldest operation of each first. */
export function listRunningOperations(tx: Tx, most: number): Promise<RunningOperation[]> {
  const turn = sql`row_number() over (partition by ${operations.companyId} order by ${operations.createdAt}, ${operations.id})`
  return tx
    .select({ id: operations.id, companyId: operations.companyId })
    .from(operations)
    .where(isRunning)
    .orderBy(turn, operations.createdAt, operations.id)
    .limit(most)
}

/** A run of an operation that is this worker's to deal with until the transaction ends. */
export interface TakenItem {
  companyId: string
  operationId: string
  ordinal: number
  executionId: string
  action: BulkAction
  options: BulkOptions
  /** The operation is about runs that no replay speaks for. */
  withoutReplay: boolean
  userId: string
  /** Whether the person who asked works in the run's studio at this moment. */
  mayAct: boolean
}

/** The next waiting run of an operation that no other worker has in hand. */
export async function takeItem(tx: Tx, { companyId, id }: RunningOperation): Promise<TakenItem | undefined> {
  const next = tx.$with('next').as(
    tx
      .select({ ordinal: items.ordinal, executionId: items.executionId })
      .from(items)
      .where(and(eq(items.companyId, companyId), eq(items.operationId, id), isWaiting))
      .orderBy(asc(items.ordinal))
      .limit(1)
      .for('update', { skipLocked: true }),
  )
  const rows = await tx
    .with(next)
    .select({
      companyId: operations.companyId,
      operationId: operations.id,
      ordinal: next.ordinal,
      executionId: executions.id,
      action: operations.action,
      options: operations.options,
      withoutReplay: sql<boolean>`coalesce((${operations.filter} ->> 'withoutReplay')::boolean, false)`,
      userId: operations.userId,
      mayAct: sql<boolean>`app.works_in(${operations.userId}, ${executions.companyId}, ${executions.studioId}, 'member')`,
    })
    .from(next)
    .innerJoin(operations, and(eq(operations.id, id), isRunning))
    .innerJoin(executions, eq(executions.id, next.executionId))
  return rows[0]
}

export interface Decision {
  verdict: Extract<BulkVerdict, 'done' | 'refused'>
  message: string | null
  newExecutionId?: string
}

/** Writes what became of a run, once. */
export async function writeVerdict(tx: Tx, item: TakenItem, decision: Decision): Promise<void> {
  await tx
    .update(items)
    .set({ ...decision, decidedAt: sql`now()` })
    .where(
      and(
        eq(items.companyId, item.companyId),
        eq(items.operationId, item.operationId),
        eq(items.ordinal, item.ordinal),
        isWaiting,
      ),
    )
}

/** Finishes an operation of which no run waits, not even in another worker's hand. */
export async function finishOperation(tx: Tx, { companyId, id }: RunningOperation): Promise<void> {
  const waiting = tx
    .select({ ordinal: items.ordinal })
    .from(items)
    .where(and(eq(items.companyId, companyId), eq(items.operationId, id), isWaiting))
  await tx
    .update(operations)
    .set({ status: 'finished' })
    .where(and(eq(operations.id, id), isRunning, not(exists(waiting))))
}

export async function findStatus(tx: Tx, executionId: string): Promise<ExecutionStatus | undefined> {
  const rows = await tx.select({ status: executions.status }).from(executions).where(eq(executions.id, executionId))
  return rows[0]?.status
}

/** A run and the workflow as it is offered now, for running it anew. The run keeps its status until the transaction ends. */
export async function findReplayable(tx: Tx, executionId: string) {
  const rows = await tx
    .select({
      id: executions.id,
      status: executions.status,
      companyId: executions.companyId,
      studioId: executions.studioId,
      templateId: executions.templateId,
      cause: executions.cause,
      inputData: executions.inputData,
      isOffered: templates.isActive,
      version: templates.version,
      contentHash: versions.contentHash,
    })
    .from(executions)
    .innerJoin(templates, eq(templates.id, executions.templateId))
    .innerJoin(versions, and(eq(versions.templateId, templates.id), eq(versions.version, templates.version)))
    .where(eq(executions.id, executionId))
    .for('no key update', { of: executions })
  return rows[0]
}

/** Whether a replay speaks for a run. Asked when the run is locked: a replay of the same moment is then seen. */
export async function isReplayed(tx: Tx, executionId: string): Promise<boolean> {
  const rows = await tx
    .select({ id: executions.id })
    .from(executions)
    .where(and(eq(executions.id, executionId), isWithoutReplay))
  return rows.length === 0
}

type NewReplay = Pick<
  typeof executions.$inferInsert,
  | 'companyId'
  | 'studioId'
  | 'templateId'
  | 'templateVersion'
  | 'userId'
  | 'inputData'
  | 'inputHash'
  | 'filesUsed'
  | 'replayOf'
> & { cause: Json }

/** Accepts a replay behind everything that somebody waits for. */
export async function insertReplay(tx: Tx, row: NewReplay): Promise<{ id: string; status: ExecutionStatus }> {
  const [inserted] = await tx
    .insert(executions)
    .values({ ...row, source: 'replay', priority: priorities.bulk })
    .returning({ id: executions.id, status: executions.status })
  if (!inserted) throw new Error('an inserted execution was not returned')
  return inserted
}
