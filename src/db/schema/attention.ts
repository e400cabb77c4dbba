import { sql } from 'drizzle-orm'
import { foreignKey, index, integer, pgTable, text, unique, uuid, varchar } from 'drizzle-orm/pg-core'
import { type GroupState, groupStates } from '../../contracts/attention.ts'
import { failureKinds } from '../../contracts/executions.ts'
import { workflowTemplates } from './catalog.ts'
import { instant, oneOf } from './columns.ts'
import { userCompanies } from './members.ts'
import { tenantPolicies, workerPolicy } from './policies.ts'
import { studios } from './studios.ts'

/** Failed runs of one studio and workflow that failed for the same reason; kept by the trigger that sees a run fail. */
export const failureGroups = pgTable(
  'failure_groups',
  {
    id: uuid().primaryKey().defaultRandom(),
    companyId: uuid('company_id').notNull(),
    studioId: uuid('studio_id').notNull(),
    templateId: uuid('template_id')
      .notNull()
      .references(() => workflowTemplates.id),
    /** SHA-256 of step, kind and the message without its changing parts. */
    fingerprint: varchar({ length: 64 }).notNull(),
    step: varchar({ length: 100 }),
    failureKind: text('failure_kind').$type<(typeof failureKinds)[number]>(),
    /** The newest failure's message. */
    message: varchar({ length: 2000 }).notNull(),
    failures: integer().notNull().default(0),
    firstAt: instant('first_at').notNull().default(sql`now()`),
    lastAt: instant('last_at').notNull().default(sql`now()`),
    state: text().$type<GroupState>().notNull().default('open'),
    ownerId: uuid('owner_id'),
    changedAt: instant('changed_at'),
  },
  (t) => [
    unique('failure_groups_company_id_id_key').on(t.companyId, t.id),
    unique('failure_groups_cause_key').on(t.companyId, t.studioId, t.templateId, t.fingerprint),
    foreignKey({
      name: 'failure_groups_studio_fkey',
      columns: [t.companyId, t.studioId],
      foreignColumns: [studios.companyId, studios.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'failure_groups_owner_fkey',
      columns: [t.companyId, t.ownerId],
      foreignColumns: [userCompanies.companyId, userCompanies.userId],
    }),
    index('failure_groups_company_id_last_at_idx').on(t.companyId, t.lastAt.desc(), t.id.desc()),
    index('failure_groups_company_id_owner_id_idx').on(t.companyId, t.ownerId),
    index('failure_groups_template_id_idx').on(t.templateId),
    oneOf('failure_groups_state_check', t.state, groupStates),
    oneOf('failure_groups_failure_kind_check', t.failureKind, failureKinds),
    ...tenantPolicies({ name: 'failure_groups', companyId: t.companyId, studioId: t.studioId }),
    workerPolicy('failure_groups'),
  ],
)
