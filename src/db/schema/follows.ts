import { sql } from 'drizzle-orm'
import { foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uuid, varchar } from 'drizzle-orm/pg-core'
import { callbackOutcomes, callbackTypes } from '../../contracts/callbacks.ts'
import { instant, oneOf } from './columns.ts'
import { workflowExecutions } from './executions.ts'
import { workerPolicy } from './policies.ts'

/** A run at the engine and who looks after it; the row is there for as long as the run is under way. */
export const executionFollows = pgTable(
  'execution_follows',
  {
    companyId: uuid('company_id').notNull(),
    executionId: uuid('execution_id').notNull(),
    nextLookAt: instant('next_look_at').notNull().default(sql`now()`),
    looks: integer().notNull().default(0),
    /** The worker that follows the run at the moment; another takes over once the lease has run out. */
    leasedBy: uuid('leased_by'),
    leasedUntil: instant('leased_until'),
  },
  (t) => [
    primaryKey({ name: 'execution_follows_pkey', columns: [t.companyId, t.executionId] }),
    foreignKey({
      name: 'execution_follows_execution_fkey',
      columns: [t.companyId, t.executionId],
      foreignColumns: [workflowExecutions.companyId, workflowExecutions.id],
    }).onDelete('cascade'),
    index('execution_follows_next_look_at_idx').on(t.nextLookAt),
    index('execution_follows_leased_by_idx').on(t.leasedBy),
    workerPolicy('execution_follows'),
  ],
)

/** Messages that flows sent about their runs, each once; a result waits here until the worker has taken it. */
export const executionCallbacks = pgTable(
  'execution_callbacks',
  {
    companyId: uuid('company_id').notNull(),
    executionId: uuid('execution_id').notNull(),
    attempt: integer().notNull(),
    messageId: varchar('message_id', { length: 100 }).notNull(),
    type: text().$type<(typeof callbackTypes)[number]>().notNull(),
    outcome: text().$type<(typeof callbackOutcomes)[number]>().notNull(),
    body: jsonb().$type<Record<string, unknown>>(),
    receivedAt: instant('received_at').notNull().default(sql`now()`),
  },
  (t) => [
    primaryKey({ name: 'execution_callbacks_pkey', columns: [t.companyId, t.executionId, t.attempt, t.messageId] }),
    foreignKey({
      name: 'execution_callbacks_execution_fkey',
      columns: [t.companyId, t.executionId],
      foreignColumns: [workflowExecutions.companyId, workflowExecutions.id],
    }).onDelete('cascade'),
    oneOf('execution_callbacks_type_check', t.type, callbackTypes),
    oneOf('execution_callbacks_outcome_check', t.outcome, callbackOutcomes),
    workerPolicy('execution_callbacks'),
  ],
)
