import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  foreignKey,
  index,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import {
  type OccurrenceOutcome,
  type OverlapRule,
  occurrenceOutcomes,
  overlapRules,
} from '../../contracts/schedules.ts'
import { workflowTemplates } from './catalog.ts'
import { createdAt, instant, oneOf, updatedAt } from './columns.ts'
import { workflowExecutions } from './executions.ts'
import { userProfiles } from './members.ts'
import { tenantPolicies, workerPolicy } from './policies.ts'
import { studios } from './studios.ts'

/** A workflow that runs by the clock, in the name of the person who set it up. */
export const workflowSchedules = pgTable(
  'workflow_schedules',
  {
    id: uuid().primaryKey().defaultRandom(),
    companyId: uuid('company_id').notNull(),
    studioId: uuid('studio_id').notNull(),
    templateId: uuid('template_id')
      .notNull()
      .references(() => workflowTemplates.id),
    name: varchar({ length: 100 }).notNull(),
    cron: varchar({ length: 100 }).notNull(),
    timezone: varchar({ length: 64 }).notNull(),
    inputData: jsonb('input_data').$type<Record<string, unknown>>().notNull(),
    overlap: text().$type<OverlapRule>().notNull().default('skip'),
    isActive: boolean('is_active').notNull().default(true),
    /** Why it was switched off when nobody did, in a sentence for people. */
    stoppedReason: varchar('stopped_reason', { length: 500 }),
    nextDueAt: instant('next_due_at'),
    userId: uuid('user_id')
      .notNull()
      .references(() => userProfiles.id),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    unique('workflow_schedules_company_id_id_key').on(t.companyId, t.id),
    foreignKey({
      name: 'workflow_schedules_studio_fkey',
      columns: [t.companyId, t.studioId],
      foreignColumns: [studios.companyId, studios.id],
    }).onDelete('cascade'),
    index('workflow_schedules_company_id_studio_id_idx').on(t.companyId, t.studioId),
    index('workflow_schedules_company_id_created_at_idx').on(t.companyId, t.createdAt.desc(), t.id.desc()),
    index('workflow_schedules_template_id_idx').on(t.templateId),
    index('workflow_schedules_user_id_idx').on(t.userId),
    index('workflow_schedules_due_idx').on(t.nextDueAt).where(sql`${t.isActive}`),
    check('workflow_schedules_due_check', sql`not ${t.isActive} or ${t.nextDueAt} is not null`),
    oneOf('workflow_schedules_overlap_check', t.overlap, overlapRules),
    ...tenantPolicies({
      name: 'workflow_schedules',
      companyId: t.companyId,
      studioId: t.studioId,
      insertCheck: sql`${t.userId} = (select app.user_id())`,
    }),
    workerPolicy('workflow_schedules'),
  ],
)

/** Each time a schedule came due and what was done about it, once. */
export const scheduleOccurrences = pgTable(
  'schedule_occurrences',
  {
    companyId: uuid('company_id').notNull(),
    scheduleId: uuid('schedule_id').notNull(),
    studioId: uuid('studio_id').notNull(),
    dueAt: instant('due_at').notNull(),
    outcome: text().$type<OccurrenceOutcome>().notNull(),
    reason: varchar({ length: 500 }),
    executionId: uuid('execution_id'),
    decidedAt: instant('decided_at').notNull().default(sql`now()`),
  },
  (t) => [
    primaryKey({ name: 'schedule_occurrences_pkey', columns: [t.companyId, t.scheduleId, t.dueAt] }),
    foreignKey({
      name: 'schedule_occurrences_schedule_fkey',
      columns: [t.companyId, t.scheduleId],
      foreignColumns: [workflowSchedules.companyId, workflowSchedules.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'schedule_occurrences_execution_fkey',
      columns: [t.companyId, t.executionId],
      foreignColumns: [workflowExecutions.companyId, workflowExecutions.id],
    }).onDelete('cascade'),
    index('schedule_occurrences_company_id_execution_id_idx').on(t.companyId, t.executionId),
    index('schedule_occurrences_waiting_idx').on(t.dueAt).where(sql`${t.outcome} = 'waiting'`),
    oneOf('schedule_occurrences_outcome_check', t.outcome, occurrenceOutcomes),
    ...tenantPolicies({ name: 'schedule_occurrences', companyId: t.companyId, studioId: t.studioId }),
    workerPolicy('schedule_occurrences'),
  ],
)
