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
  createdAt: executions.createdAt,
}

const whole = {
  ...shown,
  inputData: executions.inputData,
  outputData: executions.outputData,
  insights: executions.insights,
  minutesSaved: executions.minutesSaved,
  activepiecesRunId: executions.activepiecesRunId,
  filesUsed: executions.filesUsed,
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

export interface NewExecution {
  studioId: string
  templateId: string
  /** Names the content that the input was checked against. */
  contentHash: string
  userId: string
  source: 'manual' | 'replay'
  replayOf?: string
  cause?: Record<string, unknown>
  input: Record<string, unknown>
  inputHash: string
  idempotencyKey?: string | undefined
}

/**
 * Accepts a run; whether it is pending or held is decided by the database, which also writes its first event. Undefined when
 * the caller may not start it, the workflow's content is another by now, or the key is in use.
 */
export async function insertExecution(tx: Tx, run: NewExecution): Promise<ExecutionSummary | undefined> {
  const { studioId, templateId, userId, source, replayOf = null } = run
  const { rows } = await tx.execute<StartedRow>(
    sql`select id, company_id, template_name, template_version, status, held_for, created_at
      from app.start_run(${studioId}, ${templateId}, ${run.contentHash}, ${source}, ${replayOf}, ${jsonOf(run.cause)},
        ${jsonOf(run.input)}, ${run.inputHash}, ${run.idempotencyKey ?? null})`,
  )
  const [row] = rows
  if (!row) return undefined
  return {
    id: row.id,
    companyId: row.company_id,
    studioId,
    templateId,
    templateName: row.template_name,
    templateVersion: row.template_version,
    userId,
    status: row.status,
    source,
    heldFor: row.held_for,
    replayOf,
    createdAt: new Date(row.created_at).toISOString(),
    ...notYet,
  }
}

type StartedRow = {
  id: string
  company_id: string
  template_name: string
  template_version: string
  status: 'pending' | 'held'
  held_for: 'quota' | null
  created_at: string
}

/** What a run that was just accepted has not. */
const notYet = {
  waitingFor: null,
  failureKind: null,
  failedStep: null,
  errorMessage: null,
  failureGroupId: null,
  retryCount: 0,
  startedAt: null,
  completedAt: null,
  durationSeconds: null,
}

function jsonOf(value: Record<string, unknown> | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value)
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
