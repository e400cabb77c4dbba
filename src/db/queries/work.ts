import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Envelope, Insight } from '../../contracts/envelope.ts'
import type { ExecutionStatus } from '../../contracts/executions.ts'
import type { Tx } from '../client.ts'
import {
  executionAttempts as attempts,
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

/** The runs that somebody has to follow. */
export async function listRunsUnderWay(tx: Tx): Promise<string[]> {
  const isUnderWay = inArray(executions.status, ['running', 'paused'])
  const rows = await tx.select({ id: executions.id }).from(executions).where(isUnderWay).limit(10_000)
  return rows.map((row) => row.id)
}

/** A run under way with its newest attempt; undefined once it has ended. */
export async function findWork(tx: Tx, executionId: string): Promise<WorkItem | undefined> {
  const newest = sql`(select max(a.number) from execution_attempts a
    where a.company_id = ${executions.companyId} and a.execution_id = ${executions.id})`
  const rows = await tx
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
    .where(and(eq(executions.id, executionId), inArray(executions.status, ['running', 'paused'])))
  return rows[0]
}

export async function findInput(tx: Tx, executionId: string): Promise<Record<string, unknown> | undefined> {
  const rows = await tx
    .select({ inputData: executions.inputData })
    .from(executions)
    .where(eq(executions.id, executionId))
  return rows[0]?.inputData
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

export async function keepPartitionsAhead(tx: Tx): Promise<void> {
  await tx.execute(sql`select app.keep_partitions_ahead()`)
}

/** Lets held runs go as far as the quota allows, oldest first. Gives how many. */
export async function releaseHeld(tx: Tx): Promise<number> {
  const { rows } = await tx.execute<{ released: number }>(sql`select app.release_held() as released`)
  return rows[0]?.released ?? 0
}
