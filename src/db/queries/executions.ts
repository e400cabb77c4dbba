import { and, desc, eq, sql } from 'drizzle-orm'
import type { Role } from '../../contracts/access.ts'
import type { Execution, ExecutionSummary, ListExecutionsInput } from '../../contracts/executions.ts'
import type { Tx } from '../client.ts'
import { behind, type Position } from '../paging.ts'
import {
  workflowExecutions as executions,
  studios,
  workflowTemplates as templates,
  userCompanies,
  workflowTemplateVersions as versions,
} from '../schema/index.ts'

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
    .orderBy(desc(executions.createdAt), desc(executions.id))
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

/** The execution that an idempotency key of this company stands for, with the hash of the input it was used with. */
export async function findByIdempotencyKey(tx: Tx, companyId: string, key: string) {
  const rows = await tx
    .select({ ...shown, inputHash: executions.inputHash })
    .from(executions)
    .innerJoin(templates, eq(templates.id, executions.templateId))
    .where(and(eq(executions.companyId, companyId), eq(executions.idempotencyKey, key)))
  return rows[0]
}

export interface StartContext {
  companyId: string
  role: Role
  templateName: string
  templateVersion: string
  contentHash: string
}

/** All that a start is decided on, in one look: the studio, the caller's role in its company, the template on offer. */
export async function findStartContext(
  tx: Tx,
  studioId: string,
  templateId: string,
): Promise<StartContext | undefined> {
  const rows = await tx
    .select({
      companyId: studios.companyId,
      role: userCompanies.role,
      templateName: templates.name,
      templateVersion: templates.version,
      contentHash: versions.contentHash,
    })
    .from(studios)
    .innerJoin(
      userCompanies,
      and(
        eq(userCompanies.companyId, studios.companyId),
        eq(userCompanies.userId, sql`app.user_id()`),
        eq(userCompanies.status, 'approved'),
      ),
    )
    .innerJoin(templates, and(eq(templates.id, templateId), eq(templates.isActive, true)))
    .innerJoin(versions, and(eq(versions.templateId, templates.id), eq(versions.version, templates.version)))
    .where(eq(studios.id, studioId))
  return rows[0]
}

export async function findInputSchema(
  tx: Tx,
  templateId: string,
  version: string,
): Promise<Record<string, unknown> | undefined> {
  const rows = await tx
    .select({ inputSchema: versions.inputSchema })
    .from(versions)
    .where(and(eq(versions.templateId, templateId), eq(versions.version, version)))
  return rows[0]?.inputSchema
}

type NewExecution = Pick<
  typeof executions.$inferInsert,
  | 'companyId'
  | 'studioId'
  | 'templateId'
  | 'templateVersion'
  | 'userId'
  | 'source'
  | 'inputData'
  | 'inputHash'
  | 'filesUsed'
  | 'idempotencyKey'
  | 'replayOf'
  | 'cause'
>

/** Accepts a run; whether it is pending or held is decided by the database, which also writes its first event. */
export async function insertExecution(tx: Tx, row: NewExecution, templateName: string): Promise<ExecutionSummary> {
  const { templateName: _, durationSeconds: __, ...columns } = shown
  const [inserted] = await tx.insert(executions).values(row).returning(columns)
  if (!inserted) throw new Error('an inserted execution was not returned')
  return { ...inserted, templateName, durationSeconds: null }
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
