import { sql } from 'drizzle-orm'
import {
  boolean,
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
import { type EffectOutcome, type EffectResult, effectOutcomes } from '../../contracts/effects.ts'
import type { Insight } from '../../contracts/envelope.ts'
import { createdAt, instant, oneOf } from './columns.ts'
import { workflowExecutions } from './executions.ts'
import { tenantPolicies, workerPolicy } from './policies.ts'

type Json = Record<string, unknown>

/** What a run asked to change, in its own order, and what became of it. */
export const executionEffects = pgTable(
  'execution_effects',
  {
    companyId: uuid('company_id').notNull(),
    executionId: uuid('execution_id').notNull(),
    studioId: uuid('studio_id').notNull(),
    ordinal: integer().notNull(),
    kind: varchar({ length: 100 }).notNull(),
    arguments: jsonb().$type<Json>().notNull(),
    outcome: text().$type<EffectOutcome>().notNull().default('waiting'),
    /** Why it was refused or failed, in a sentence for people. */
    reason: varchar({ length: 2000 }),
    /** What it changed, and with whose rights. */
    result: jsonb().$type<EffectResult>(),
    /** Tries that ended in an unexpected error. */
    attempts: smallint().notNull().default(0),
    /** The one of its run whose turn it is. */
    isNext: boolean('is_next').notNull().default(false),
    appliedAt: instant('applied_at'),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'execution_effects_pkey', columns: [t.companyId, t.executionId, t.ordinal] }),
    foreignKey({
      name: 'execution_effects_execution_fkey',
      columns: [t.companyId, t.executionId],
      foreignColumns: [workflowExecutions.companyId, workflowExecutions.id],
    }).onDelete('cascade'),
    uniqueIndex('execution_effects_next_key').on(t.companyId, t.executionId).where(sql`${t.isNext}`),
    index('execution_effects_turns_idx').on(t.attempts, t.createdAt, t.executionId).where(sql`${t.isNext}`),
    check('execution_effects_next_check', sql`not ${t.isNext} or ${t.outcome} = 'waiting'`),
    oneOf('execution_effects_outcome_check', t.outcome, effectOutcomes),
    ...tenantPolicies({ name: 'execution_effects', companyId: t.companyId, studioId: t.studioId }),
    workerPolicy('execution_effects'),
  ],
)

/** Insights that runs recorded with the company, so that they stay at hand beside the run. */
export const insights = pgTable(
  'insights',
  {
    id: uuid().primaryKey().defaultRandom(),
    companyId: uuid('company_id').notNull(),
    studioId: uuid('studio_id').notNull(),
    executionId: uuid('execution_id').notNull(),
    ordinal: integer().notNull(),
    title: varchar({ length: 500 }).notNull(),
    importance: text().$type<Insight['importance']>().notNull(),
    insight: jsonb().$type<Insight>().notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    unique('insights_effect_key').on(t.companyId, t.executionId, t.ordinal),
    foreignKey({
      name: 'insights_execution_fkey',
      columns: [t.companyId, t.executionId],
      foreignColumns: [workflowExecutions.companyId, workflowExecutions.id],
    }).onDelete('cascade'),
    index('insights_company_id_created_at_idx').on(t.companyId, t.createdAt.desc(), t.id.desc()),
    oneOf('insights_importance_check', t.importance, ['high', 'medium', 'low']),
    ...tenantPolicies({ name: 'insights', companyId: t.companyId, studioId: t.studioId }),
    workerPolicy('insights'),
  ],
)
