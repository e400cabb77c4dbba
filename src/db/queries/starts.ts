import { and, eq, sql } from 'drizzle-orm'
import type { Role } from '../../contracts/access.ts'
import type { ExecutionSummary } from '../../contracts/executions.ts'
import type { Tx } from '../client.ts'
import {
  studios,
  workflowTemplates as templates,
  userCompanies,
  workflowTemplateVersions as versions,
} from '../schema/index.ts'

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
  filesUsed: { file_id: string; usage_type: 'input' }[]
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
        ${jsonOf(run.input)}, ${run.inputHash}, ${JSON.stringify(run.filesUsed)}, ${run.idempotencyKey ?? null})`,
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
    filesUsed: run.filesUsed,
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
