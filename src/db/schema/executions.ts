import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import type { Envelope, Insight } from '../../contracts/envelope.ts'
import {
  type ExecutionStatus,
  eventLevels,
  eventTypes,
  executionSources,
  executionStatuses,
  failureKinds,
  type HoldReason,
  holdReasons,
  type RetryFrom,
  retryPoints,
  type WaitingFor,
} from '../../contracts/executions.ts'
import { failureGroups } from './attention.ts'
import { workflowTemplateVersions } from './catalog.ts'
import { createdAt, instant, oneOf, transactionId, updatedAt } from './columns.ts'
import { integrations } from './integrations.ts'
import { userProfiles } from './members.ts'
import { tenantPolicies, workerPolicy } from './policies.ts'
import { studios } from './studios.ts'

type Json = Record<string, unknown>

export const workflowExecutions = pgTable(
  'workflow_executions',
  {
    id: uuid().primaryKey().defaultRandom(),
    // Company and template are held by the keys of studio and version; each further key is a row more to lock for every start.
    companyId: uuid('company_id').notNull(),
    studioId: uuid('studio_id').notNull(),
    templateId: uuid('template_id').notNull(),
    templateVersion: varchar('template_version', { length: 20 }).notNull(),
    userId: uuid('user_id')
      .notNull()
      .references(() => userProfiles.id),
    source: text().$type<(typeof executionSources)[number]>().notNull().default('manual'),
    status: varchar({ length: 20 }).$type<ExecutionStatus>().notNull().default('pending'),
    /** Lower goes first: interactive, kanban, schedule, bulk. */
    priority: smallint().notNull().default(0),
    heldFor: text('held_for').$type<HoldReason>(),
    /** The month (UTC) whose quota this run was counted in; null while it is held for want of quota. */
    countedMonth: text('counted_month'),
    integrationId: uuid('integration_id'),
    failureKind: text('failure_kind').$type<(typeof failureKinds)[number]>(),
    inputData: jsonb('input_data').$type<Json>().notNull(),
    outputData: jsonb('output_data').$type<Envelope>(),
    insights: jsonb().$type<Insight[]>().notNull().default([]),
    filesUsed: jsonb('files_used').$type<{ file_id: string; usage_type: 'input' | 'output' }[]>().notNull().default([]),
    activepiecesRunId: varchar('activepieces_run_id', { length: 21 }),
    idempotencyKey: varchar('idempotency_key', { length: 200 }),
    inputHash: varchar('input_hash', { length: 64 }).notNull(),
    replayOf: uuid('replay_of'),
    cause: jsonb().$type<Json>(),
    externalRef: varchar('external_ref', { length: 200 }),
    errorMessage: varchar('error_message', { length: 2000 }),
    failedStep: varchar('failed_step', { length: 100 }),
    failureGroupId: uuid('failure_group_id'),
    retryFrom: text('retry_from').$type<RetryFrom>(),
    waitingFor: jsonb('waiting_for').$type<WaitingFor>(),
    /** What a person answered to the pause, until the engine has taken it. */
    answer: jsonb().$type<Json>(),
    retryCount: integer('retry_count').notNull().default(0),
    minutesSaved: integer('minutes_saved'),
    deadlineAt: instant('deadline_at'),
    cancelRequestedAt: instant('cancel_requested_at'),
    startedAt: instant('started_at'),
    completedAt: instant('completed_at'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    unique('workflow_executions_company_id_id_key').on(t.companyId, t.id),
    uniqueIndex('workflow_executions_idempotency_key')
      .on(t.companyId, t.idempotencyKey)
      .where(sql`${t.idempotencyKey} is not null`),
    foreignKey({
      name: 'workflow_executions_studio_fkey',
      columns: [t.companyId, t.studioId],
      foreignColumns: [studios.companyId, studios.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'workflow_executions_version_fkey',
      columns: [t.templateId, t.templateVersion],
      foreignColumns: [workflowTemplateVersions.templateId, workflowTemplateVersions.version],
    }),
    foreignKey({
      name: 'workflow_executions_replay_fkey',
      columns: [t.companyId, t.replayOf],
      foreignColumns: [t.companyId, t.id],
    }),
    foreignKey({
      name: 'workflow_executions_failure_group_fkey',
      columns: [t.companyId, t.failureGroupId],
      foreignColumns: [failureGroups.companyId, failureGroups.id],
    }),
    foreignKey({
      name: 'workflow_executions_integration_fkey',
      columns: [t.companyId, t.integrationId],
      foreignColumns: [integrations.companyId, integrations.id],
    }),
    index('workflow_executions_company_id_failure_group_id_idx').on(t.companyId, t.failureGroupId),
    index('workflow_executions_company_id_integration_id_idx').on(t.companyId, t.integrationId),
    index('workflow_executions_waiting_idx')
      .on(t.companyId, t.priority, t.createdAt, t.id)
      .where(sql`${t.status} = 'pending'`),
    index('workflow_executions_held_idx').on(t.companyId, t.createdAt, t.id).where(sql`${t.status} = 'held'`),
    index('workflow_executions_company_id_created_at_idx').on(t.companyId, t.createdAt.desc(), t.id.desc()),
    index('workflow_executions_company_id_studio_id_idx').on(t.companyId, t.studioId, t.createdAt.desc()),
    index('workflow_executions_company_id_replay_of_idx').on(t.companyId, t.replayOf),
    index('workflow_executions_template_id_version_idx').on(t.templateId, t.templateVersion),
    index('workflow_executions_user_id_idx').on(t.userId),
    index('workflow_executions_running_idx').on(t.companyId, t.integrationId).where(sql`${t.status} = 'running'`),
    check('workflow_executions_run_id_check', sql`${t.activepiecesRunId} ~ '^[0-9A-Za-z]{21}$'`),
    check('workflow_executions_retry_count_check', sql`${t.retryCount} between 0 and 3`),
    check('workflow_executions_priority_check', sql`${t.priority} between 0 and 3`),
    check('workflow_executions_held_for_status_check', sql`(${t.status} = 'held') = (${t.heldFor} is not null)`),
    oneOf('workflow_executions_held_for_check', t.heldFor, holdReasons),
    oneOf('workflow_executions_retry_from_check', t.retryFrom, retryPoints),
    oneOf('workflow_executions_status_check', t.status, executionStatuses),
    oneOf('workflow_executions_source_check', t.source, executionSources),
    oneOf('workflow_executions_failure_kind_check', t.failureKind, failureKinds),
    ...tenantPolicies({
      name: 'workflow_executions',
      companyId: t.companyId,
      studioId: t.studioId,
      insertCheck: sql`${t.userId} = (select app.user_id())`,
    }),
    workerPolicy('workflow_executions'),
  ],
)

/** One row a try at the engine; a later try never overwrites an earlier one. */
export const executionAttempts = pgTable(
  'execution_attempts',
  {
    companyId: uuid('company_id').notNull(),
    executionId: uuid('execution_id').notNull(),
    studioId: uuid('studio_id').notNull(),
    number: integer().notNull(),
    /** The attempt whose start call the engine's run stems from: an earlier one where its failed step was taken up again. */
    origin: integer().notNull(),
    integrationId: uuid('integration_id'),
    /** Set while the attempt has certainly not been sent to the engine: it is to be sent from this moment on. */
    notBefore: instant('not_before'),
    /** When the engine had ended the run that this attempt takes up again; a later end is the attempt's own. */
    engineFinishedBefore: instant('engine_finished_before'),
    engineRunId: varchar('engine_run_id', { length: 21 }),
    status: text().$type<'starting' | 'started' | 'succeeded' | 'failed' | 'cancelled'>().notNull().default('starting'),
    error: varchar({ length: 2000 }),
    callbackSecretHash: varchar('callback_secret_hash', { length: 64 }),
    startedAt: instant('started_at').notNull().default(sql`now()`),
    endedAt: instant('ended_at'),
  },
  (t) => [
    primaryKey({ name: 'execution_attempts_pkey', columns: [t.companyId, t.executionId, t.number] }),
    foreignKey({
      name: 'execution_attempts_execution_fkey',
      columns: [t.companyId, t.executionId],
      foreignColumns: [workflowExecutions.companyId, workflowExecutions.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'execution_attempts_integration_fkey',
      columns: [t.companyId, t.integrationId],
      foreignColumns: [integrations.companyId, integrations.id],
    }),
    index('execution_attempts_company_id_integration_id_idx').on(t.companyId, t.integrationId),
    oneOf('execution_attempts_status_check', t.status, ['starting', 'started', 'succeeded', 'failed', 'cancelled']),
    ...tenantPolicies({ name: 'execution_attempts', companyId: t.companyId, studioId: t.studioId }),
    workerPolicy('execution_attempts'),
  ],
)

/** Everything that happens in a run, append-only; its months are partitions, made by the migrations. */
export const executionEvents = pgTable(
  'execution_events',
  {
    id: bigint({ mode: 'number' }).notNull().default(sql`nextval('app.execution_event_ids')`),
    companyId: uuid('company_id').notNull(),
    executionId: uuid('execution_id').notNull(),
    studioId: uuid('studio_id').notNull(),
    type: text().$type<(typeof eventTypes)[number]>().notNull(),
    level: text().$type<(typeof eventLevels)[number]>().notNull().default('info'),
    message: varchar({ length: 2000 }).notNull(),
    step: varchar({ length: 100 }),
    data: jsonb().$type<Json>().notNull().default({}),
    /** The transaction that wrote the row: the order of a whole company's events is that of finished transactions. */
    transactionId: transactionId('transaction_id').notNull().default(sql`pg_current_xact_id()`),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'execution_events_pkey', columns: [t.companyId, t.executionId, t.id, t.createdAt] }),
    foreignKey({
      name: 'execution_events_execution_fkey',
      columns: [t.companyId, t.executionId],
      foreignColumns: [workflowExecutions.companyId, workflowExecutions.id],
    }).onDelete('cascade'),
    index('execution_events_company_id_transaction_id_idx').on(t.companyId, t.transactionId, t.id),
    oneOf('execution_events_type_check', t.type, eventTypes),
    oneOf('execution_events_level_check', t.level, eventLevels),
    ...tenantPolicies({ name: 'execution_events', companyId: t.companyId, studioId: t.studioId }),
    workerPolicy('execution_events'),
  ],
)
