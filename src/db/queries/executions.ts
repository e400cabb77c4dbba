import { and, eq, sql } from 'drizzle-orm'
import type { Execution, ExecutionSummary, ListExecutionsInput } from '../../contracts/executions.ts'
import type { Tx } from '../client.ts'
import { behind, newestFirst, type Position } from '../paging.ts'
import { workflowExecutions as executions, studios, workflowTemplates as templates } from '../schema/index.ts'

const shown = {
  id: executions.id,
  companyId: executions.companyId,
  studioId: executions.studioId,
  templateId: executions.templateId,
  templateName: templates.name,
  templateVersion: executions.templateVersion,
  userId: executions.userId,
  status: executions.status,
  source: executions.source,
  heldFor: executions.heldFor,
  waitingFor: executions.waitingFor,
  failureKind: executions.failureKind,
  failedStep: executions.failedStep,
  errorMessage: executions.errorMessage,
  failureGroupId: executions.failureGroupId,
  replayOf: executions.replayOf,
  retryCount: executions.retryCount,
  startedAt: executions.startedAt,
  completedAt: executions.completedAt,
  durationSeconds: sql<
    number | null
  >`round(extract(epoch from ${executions.completedAt} - ${executions.startedAt}), 3)::float8`,
  filesUsed: executions.filesUsed,
  createdAt: executions.createdAt,
}

const whole = {
  ...shown,
  inputData: executions.inputData,
  outputData: executions.outputData,
  insights: executions.insights,
  minutesSaved: executions.minutesSaved,
  activepiecesRunId: executions.activepiecesRunId,
}

export function listExecutions(
  tx: Tx,
  filter: ListExecutionsInput,
  after: Position | undefined,
): Promise<ExecutionSummary[]> {
  return tx
    .select(shown)
    .from(executions)
    .innerJoin(templates, eq(templates.id, executions.templateId))
    .where(
      and(
        eq(executions.companyId, filter.companyId),
        filter.studioId ? eq(executions.studioId, filter.studioId) : undefined,
        filter.templateId ? eq(executions.templateId, filter.templateId) : undefined,
        filter.status ? eq(executions.status, filter.status) : undefined,
        behind(after, executions.createdAt, executions.id),
      ),
    )
    .orderBy(newestFirst(executions.createdAt), newestFirst(executions.id))
    .limit(filter.limit + 1)
}

export async function findExecution(tx: Tx, executionId: string): Promise<Execution | undefined> {
  const rows = await tx
    .select(whole)
    .from(executions)
    .innerJoin(templates, eq(templates.id, executions.templateId))
    .where(eq(executions.id, executionId))
  return rows[0]
}

export async function findExecutionSummary(tx: Tx, executionId: string): Promise<ExecutionSummary | undefined> {
  const rows = await tx
    .select(shown)
    .from(executions)
    .innerJoin(templates, eq(templates.id, executions.templateId))
    .where(eq(executions.id, executionId))
  return rows[0]
}

/** The studio's company, if a run of it has the key and the caller may start runs there; the run may be one that the caller does not see. */
export async function findCompanyUsingKey(tx: Tx, studioId: string, key: string): Promise<string | undefined> {
  const rows = await tx
    .select({ companyId: studios.companyId })
    .from(studios)
    .where(and(eq(studios.id, studioId), sql`app.is_key_used(${studios.companyId}, ${key})`))
  return rows[0]?.companyId
}

/** The execution that an idempotency key of this company stands for, with the hash of the input it was used with. */
export async function findByIdempotencyKey(tx: Tx, companyId: string, key: string) {
  const rows = await tx
    .select({ ...shown, inputHash: executions.inputHash })
    .from(executions)
    .innerJoin(templates, eq(templates.id, executions.templateId))
    .where(and(eq(executions.companyId, companyId), eq(executions.idempotencyKey, key)))
  return rows[0]
}

/** What a replay takes over from the run that it repeats. */
export async function findOriginal(tx: Tx, executionId: string) {
  const rows = await tx
    .select({
      id: executions.id,
      studioId: executions.studioId,
      templateId: executions.templateId,
      status: executions.status,
      inputData: executions.inputData,
      cause: executions.cause,
    })
    .from(executions)
    .where(eq(executions.id, executionId))
  return rows[0]
}
