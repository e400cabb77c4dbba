import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Envelope } from '../../contracts/envelope.ts'
import type { ExecutionStatus, WaitingFor } from '../../contracts/executions.ts'
import type { Tx } from '../client.ts'
import {
  executionAttempts as attempts,
  executionCallbacks as callbacks,
  workflowExecutions as executions,
  executionFollows as follows,
  workflowTemplates as templates,
  workflowTemplateVersions as versions,
} from '../schema/index.ts'
import type { NewEffect } from './effects.ts'
import type { NewEvent } from './events.ts'

/** What the worker needs to know of a run that it carries out. */
export interface WorkItem {
  id: string
  companyId: string
  studioId: string
  status: ExecutionStatus
  retryCount: number
  /** The newest attempt's number. */
  attempt: number
  /** The attempt whose start call the engine's run stems from. */
  origin: number
  integrationId: string | null
  /** Set while the attempt certainly has not been sent: it is to be sent from then on. */
  notBefore: string | null
  engineFinishedBefore: string | null
  flowId: string
  templateId: string
  engineRunId: string | null
  resultStep: string
  stepTitles: unknown
  declaredEffects: string[]
  hasSensitiveInput: boolean
  /** The run's input names files. */
  readsFiles: boolean
  durationMinutes: number
  minutesSavedPerRun: number
  attemptStartedAt: string
  deadlineAt: string | null
  cancelRequestedAt: string | null
  /** The step at which the run is shown to wait, while it is paused. */
  waitingStep: string | null
  answer: Record<string, unknown> | null
  /** What the flow told of its end, while nobody has taken it. */
  result: Record<string, unknown> | null
  /** Moves whenever somebody asks for a look at the run. */
  nextLookAt: string
}

const waitingResult = sql`select ${callbacks.body} from ${callbacks} where ${callbacks.companyId} = ${executions.companyId}
  and ${callbacks.executionId} = ${executions.id} and ${callbacks.attempt} = ${attempts.number} and ${callbacks.outcome} = 'waiting' limit 1`

const item = {
  id: executions.id,
  companyId: executions.companyId,
  studioId: executions.studioId,
  status: executions.status,
  retryCount: executions.retryCount,
  attempt: attempts.number,
  origin: attempts.origin,
  integrationId: attempts.integrationId,
  notBefore: attempts.notBefore,
  engineFinishedBefore: attempts.engineFinishedBefore,
  flowId: sql<string>`${templates.activepiecesFlowId}`,
  templateId: templates.id,
  engineRunId: attempts.engineRunId,
  resultStep: versions.resultStep,
  stepTitles: sql<unknown>`${versions.manifest} -> 'steps'`,
  declaredEffects: versions.effects,
  hasSensitiveInput: sql<boolean>`${versions.inputSchema}::text like '%x-sensitive%'`,
  readsFiles: sql<boolean>`${executions.filesUsed} @> '[{"usage_type": "input"}]'`,
  durationMinutes: templates.estimatedDurationMinutes,
  minutesSavedPerRun: templates.minutesSavedPerRun,
  attemptStartedAt: attempts.startedAt,
  deadlineAt: executions.deadlineAt,
  cancelRequestedAt: executions.cancelRequestedAt,
  waitingStep: sql<string | null>`${executions.waitingFor} ->> 'step'`,
  answer: executions.answer,
  result: sql<Record<string, unknown> | null>`(${waitingResult})`,
  nextLookAt: follows.nextLookAt,
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
    .innerJoin(follows, and(eq(follows.companyId, executions.companyId), eq(follows.executionId, executions.id)))
    .innerJoin(templates, eq(templates.id, executions.templateId))
    .innerJoin(
      versions,
      and(eq(versions.templateId, executions.templateId), eq(versions.version, executions.templateVersion)),
    )
    .where(and(eq(executions.id, executionId), inArray(executions.status, ['running', 'paused'])))
  return rows[0]
}

export async function findInput(
  tx: Tx,
  executionId: string,
): Promise<{ userId: string; input: Record<string, unknown>; inputSchema: Record<string, unknown> } | undefined> {
  const rows = await tx
    .select({ userId: executions.userId, input: executions.inputData, inputSchema: versions.inputSchema })
    .from(executions)
    .innerJoin(
      versions,
      and(eq(versions.templateId, executions.templateId), eq(versions.version, executions.templateVersion)),
    )
    .where(eq(executions.id, executionId))
  return rows[0]
}

/** How a try of a run ended. */
export interface RunEnding {
  status: 'succeeded' | 'failed' | 'cancelled'
  completedAt: string
  engineRunId: string | null
  outputData?: Envelope
  minutesSaved?: number
  failureKind?: typeof executions.$inferInsert.failureKind
  errorMessage?: string
  failedStep?: string | null
}

/**
 * Ends a run with what is told of it and the effects that it asks for; what was told in this try already is left out. False
 * when it has ended meanwhile or was tried again: then nothing was changed.
 */
export async function endExecution(
  tx: Tx,
  work: Pick<WorkItem, 'id' | 'retryCount' | 'attempt' | 'origin'>,
  end: { ending: RunEnding; told: NewEvent[]; effects: NewEffect[] },
): Promise<boolean> {
  const { rows } = await tx.execute<{
    done: boolean
  }>(sql`select app.end_run(${work.id}, ${work.retryCount}, ${work.attempt},
    ${work.origin}, ${JSON.stringify(end.ending)}, ${JSON.stringify(end.told)}, ${JSON.stringify(end.effects)}) as done`)
  return rows[0]?.done ?? false
}

interface Move {
  status: ExecutionStatus
  waitingFor?: WaitingFor
  deadlineAt?: string | null
}

/** One guarded move of a run; false when it was in none of the states named, so nothing was changed. */
export async function moveExecution(
  tx: Tx,
  executionId: string,
  from: ExecutionStatus[],
  change: Move,
): Promise<boolean> {
  const rows = await tx
    .update(executions)
    .set(change)
    .where(and(eq(executions.id, executionId), inArray(executions.status, from)))
    .returning({ id: executions.id })
  return rows.length === 1
}

/** Changes of a run under way that are no move. */
export async function updateWork(
  tx: Tx,
  executionId: string,
  change: Partial<Pick<typeof executions.$inferInsert, 'deadlineAt' | 'activepiecesRunId' | 'retryCount' | 'answer'>>,
): Promise<void> {
  await tx.update(executions).set(change).where(eq(executions.id, executionId))
}

/** Holds a run until the transaction ends: its events are then written one after the other, with rising ids. */
export async function lockExecution(
  tx: Tx,
  executionId: string,
): Promise<{ status: ExecutionStatus; retryCount: number; waitingFor: WaitingFor | null } | undefined> {
  const rows = await tx
    .select({ status: executions.status, retryCount: executions.retryCount, waitingFor: executions.waitingFor })
    .from(executions)
    .where(eq(executions.id, executionId))
    .for('no key update')
  return rows[0]
}

export async function keepPartitionsAhead(tx: Tx): Promise<void> {
  await tx.execute(sql`select app.keep_partitions_ahead()`)
}
