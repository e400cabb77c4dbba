import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import type { Envelope, Insight } from '../../contracts/envelope.ts'
import type { ExecutionEvent, ExecutionStatus } from '../../contracts/executions.ts'
import type { Tx } from '../client.ts'
import {
  executionAttempts as attempts,
  executionEvents as events,
  workflowExecutions as executions,
  workflowTemplates as templates,
  workflowTemplateVersions as versions,
} from '../schema/index.ts'

/** What the worker needs to know of a run that it carries out. */
export interface WorkItem {
  id: string
  companyId: string
  studioId: string
  attempt: number
  flowId: string
  engineRunId: string | null
  resultStep: string
  manifest: Record<string, unknown>
  minutesSavedPerRun: number
  attemptStartedAt: string
  deadlineAt: string | null
  isCancelRequested: boolean
}

/** A run just taken, with the number of the attempt that it is to have. */
export interface ClaimedRun {
  id: string
  companyId: string
  studioId: string
  attempt: number
}

/**
 * Takes the next pending run and makes it running. Companies take turns: the one with the fewest runs under way comes
 * first, and none has more under way than its plan allows.
 */
export async function claimNextExecution(tx: Tx): Promise<ClaimedRun | undefined> {
  const { rows } = await tx.execute<{ id: string; company_id: string; studio_id: string; retry_count: number }>(sql`
    with under_way as (
      select company_id, count(*) as runs from workflow_executions where status in ('running', 'paused') group by company_id
    ), next as (
      select e.id from workflow_executions e
      join companies c on c.id = e.company_id
      join plans p on p.name = c.plan
      left join company_limits l on l.company_id = c.id
      left join under_way u on u.company_id = e.company_id
      where e.status = 'pending'
        and coalesce(u.runs, 0) < coalesce(l.max_concurrent_executions, p.max_concurrent_executions)
      order by coalesce(u.runs, 0), e.created_at, e.id
      limit 1
      for update of e skip locked
    )
    update workflow_executions e
    set status = 'running', started_at = now(),
      deadline_at = now() + make_interval(mins => 10 + 10 * t.estimated_duration_minutes)
    from next, workflow_templates t
    where e.id = next.id and t.id = e.template_id
    returning e.id, e.company_id, e.studio_id, e.retry_count`)
  const [row] = rows
  return row && { id: row.id, companyId: row.company_id, studioId: row.studio_id, attempt: row.retry_count + 1 }
}

/** Writes the attempt of this number; false when another worker has written it. */
export async function insertAttempt(
  tx: Tx,
  run: { id: string; companyId: string; studioId: string },
  number: number,
): Promise<boolean> {
  const rows = await tx
    .insert(attempts)
    .values({ companyId: run.companyId, executionId: run.id, studioId: run.studioId, number })
    .onConflictDoNothing()
    .returning({ number: attempts.number })
  return rows.length === 1
}

const item = {
  id: executions.id,
  companyId: executions.companyId,
  studioId: executions.studioId,
  attempt: attempts.number,
  flowId: sql<string>`${templates.activepiecesFlowId}`,
  engineRunId: attempts.engineRunId,
  resultStep: versions.resultStep,
  manifest: versions.manifest,
  minutesSavedPerRun: templates.minutesSavedPerRun,
  attemptStartedAt: attempts.startedAt,
  deadlineAt: executions.deadlineAt,
  isCancelRequested: sql<boolean>`${executions.cancelRequestedAt} is not null`,
}

/** The runs under way with their newest attempt; of one run when its id is given. */
export function listWork(tx: Tx, executionId?: string): Promise<WorkItem[]> {
  const newest = sql`(select max(a.number) from execution_attempts a
    where a.company_id = ${executions.companyId} and a.execution_id = ${executions.id})`
  return tx
    .select(item)
    .from(executions)
    .innerJoin(
      attempts,
      and(
        eq(attempts.companyId, executions.companyId),
        eq(attempts.executionId, executions.id),
        eq(attempts.number, newest),
      ),
    )
    .innerJoin(templates, eq(templates.id, executions.templateId))
    .innerJoin(
      versions,
      and(eq(versions.templateId, executions.templateId), eq(versions.version, executions.templateVersion)),
    )
    .where(
      and(inArray(executions.status, ['running', 'paused']), executionId ? eq(executions.id, executionId) : undefined),
    )
    .limit(10_000)
}

export async function findInput(tx: Tx, executionId: string): Promise<Record<string, unknown> | undefined> {
  const rows = await tx
    .select({ inputData: executions.inputData })
    .from(executions)
    .where(eq(executions.id, executionId))
  return rows[0]?.inputData
}

type AttemptChange = Partial<Pick<typeof attempts.$inferInsert, 'engineRunId' | 'status' | 'error' | 'endedAt'>>

export async function updateAttempt(tx: Tx, work: WorkItem, change: AttemptChange): Promise<void> {
  await tx
    .update(attempts)
    .set(change)
    .where(
      and(eq(attempts.companyId, work.companyId), eq(attempts.executionId, work.id), eq(attempts.number, work.attempt)),
    )
}

export async function setEngineRun(tx: Tx, work: WorkItem, engineRunId: string): Promise<void> {
  await updateAttempt(tx, work, { engineRunId, status: 'started' })
  await tx.update(executions).set({ activepiecesRunId: engineRunId }).where(eq(executions.id, work.id))
}

interface Ending {
  status: ExecutionStatus
  failureKind?: typeof executions.$inferInsert.failureKind
  errorMessage?: string
  outputData?: Envelope
  insights?: Insight[]
  minutesSaved?: number
  completedAt?: string
}

/** One guarded move of a run; false when it was in none of the states named, so nothing was changed. */
export async function moveExecution(
  tx: Tx,
  executionId: string,
  from: ExecutionStatus[],
  change: Ending,
): Promise<boolean> {
  const rows = await tx
    .update(executions)
    .set(change)
    .where(and(eq(executions.id, executionId), inArray(executions.status, from)))
    .returning({ id: executions.id })
  return rows.length === 1
}

/** Holds a run until the transaction ends: its events are then written one after the other, with rising ids. */
export async function lockExecution(tx: Tx, executionId: string): Promise<ExecutionStatus | undefined> {
  const rows = await tx
    .select({ status: executions.status })
    .from(executions)
    .where(eq(executions.id, executionId))
    .for('no key update')
  return rows[0]?.status
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

export async function keepPartitionsAhead(tx: Tx): Promise<void> {
  await tx.execute(sql`select app.keep_partitions_ahead()`)
}
