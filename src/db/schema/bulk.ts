import { sql } from 'drizzle-orm'
import {
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import {
  type BulkAction,
  type BulkOptions,
  type BulkStatus,
  type BulkVerdict,
  bulkActions,
  bulkStatuses,
  bulkVerdicts,
  type RunFilter,
} from '../../contracts/bulk.ts'
import { createdAt, instant, oneOf } from './columns.ts'
import { companies } from './companies.ts'
import { workflowExecutions } from './executions.ts'
import { userProfiles } from './members.ts'
import { tenantPolicies, workerPolicy } from './policies.ts'

/** One retry, replay or cancel of many runs. */
export const bulkOperations = pgTable(
  'bulk_operations',
  {
    id: uuid().primaryKey().defaultRandom(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id, { onDelete: 'cascade' }),
    userId: uuid('user_id')
      .notNull()
      .references(() => userProfiles.id),
    action: text().$type<BulkAction>().notNull(),
    filter: jsonb().$type<RunFilter>().notNull(),
    options: jsonb().$type<BulkOptions>().notNull().default({}),
    status: text().$type<BulkStatus>().notNull().default('running'),
    total: integer().notNull(),
    createdAt: createdAt(),
    completedAt: instant('completed_at'),
  },
  (t) => [
    unique('bulk_operations_company_id_id_key').on(t.companyId, t.id),
    index('bulk_operations_company_id_created_at_idx').on(t.companyId, t.createdAt.desc(), t.id.desc()),
    index('bulk_operations_user_id_idx').on(t.userId),
    index('bulk_operations_running_idx').on(t.createdAt).where(sql`${t.status} = 'running'`),
    oneOf('bulk_operations_action_check', t.action, bulkActions),
    oneOf('bulk_operations_status_check', t.status, bulkStatuses),
    ...tenantPolicies({
      name: 'bulk_operations',
      companyId: t.companyId,
      insertCheck: sql`${t.userId} = (select app.user_id())`,
    }),
    workerPolicy('bulk_operations'),
  ],
)

/** One run of a bulk operation and what became of it. */
export const bulkItems = pgTable(
  'bulk_items',
  {
    companyId: uuid('company_id').notNull(),
    operationId: uuid('operation_id').notNull(),
    ordinal: integer().notNull(),
    executionId: uuid('execution_id').notNull(),
    studioId: uuid('studio_id').notNull(),
    verdict: text().$type<BulkVerdict>().notNull().default('waiting'),
    message: varchar({ length: 2000 }),
    newExecutionId: uuid('new_execution_id'),
    decidedAt: instant('decided_at'),
  },
  (t) => [
    primaryKey({ name: 'bulk_items_pkey', columns: [t.companyId, t.operationId, t.ordinal] }),
    unique('bulk_items_execution_key').on(t.companyId, t.operationId, t.executionId),
    foreignKey({
      name: 'bulk_items_operation_fkey',
      columns: [t.companyId, t.operationId],
      foreignColumns: [bulkOperations.companyId, bulkOperations.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'bulk_items_execution_fkey',
      columns: [t.companyId, t.executionId],
      foreignColumns: [workflowExecutions.companyId, workflowExecutions.id],
    }).onDelete('cascade'),
    index('bulk_items_company_id_execution_id_idx').on(t.companyId, t.executionId),
    index('bulk_items_waiting_idx').on(t.companyId, t.operationId, t.ordinal).where(sql`${t.verdict} = 'waiting'`),
    oneOf('bulk_items_verdict_check', t.verdict, bulkVerdicts),
    ...tenantPolicies({ name: 'bulk_items', companyId: t.companyId, studioId: t.studioId }),
    workerPolicy('bulk_items'),
  ],
)
