import { sql } from 'drizzle-orm'
import {
  foreignKey,
  index,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { type IntegrationSettings, integrationKinds, integrationStatuses } from '../../contracts/integrations.ts'
import { workflowTemplates } from './catalog.ts'
import { createdAt, instant, oneOf, updatedAt } from './columns.ts'
import { companies } from './companies.ts'
import { userProfiles } from './members.ts'
import { tenantPolicies, workerPolicy } from './policies.ts'

/** A service of a company's own, used in the platform's place. What is secret of it stands in the vault. */
export const integrations = pgTable(
  'integrations',
  {
    id: uuid().primaryKey().defaultRandom(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id, { onDelete: 'cascade' }),
    kind: text().$type<(typeof integrationKinds)[number]>().notNull(),
    settings: jsonb().$type<IntegrationSettings>().notNull(),
    secretId: uuid('secret_id').notNull(),
    status: text().$type<(typeof integrationStatuses)[number]>().notNull().default('unchecked'),
    statusMessage: varchar('status_message', { length: 500 }),
    checkedAt: instant('checked_at'),
    createdBy: uuid('created_by')
      .notNull()
      .references(() => userProfiles.id),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    /** Not used for new runs any more; kept for the runs that it carried out. */
    removedAt: instant('removed_at'),
  },
  (t) => [
    unique('integrations_company_id_id_key').on(t.companyId, t.id),
    uniqueIndex('integrations_company_id_kind_key').on(t.companyId, t.kind).where(sql`${t.removedAt} is null`),
    index('integrations_created_by_idx').on(t.createdBy),
    oneOf('integrations_kind_check', t.kind, integrationKinds),
    oneOf('integrations_status_check', t.status, integrationStatuses),
    ...tenantPolicies({ name: 'integrations', companyId: t.companyId }),
    workerPolicy('integrations'),
  ],
)

/** Which flow of a company's own engine carries out which workflow. */
export const integrationFlows = pgTable(
  'integration_flows',
  {
    integrationId: uuid('integration_id').notNull(),
    templateId: uuid('template_id')
      .notNull()
      .references(() => workflowTemplates.id, { onDelete: 'cascade' }),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id, { onDelete: 'cascade' }),
    contentHash: varchar('content_hash', { length: 64 }).notNull(),
    /** Null until it is published for the first time. */
    flowId: varchar('flow_id', { length: 21 }),
    publishedAt: instant('published_at').notNull().default(sql`now()`),
    /** While one worker publishes it, the others leave it alone until then. */
    leasedUntil: instant('leased_until'),
  },
  (t) => [
    primaryKey({ name: 'integration_flows_pkey', columns: [t.companyId, t.integrationId, t.templateId] }),
    foreignKey({
      name: 'integration_flows_integration_fkey',
      columns: [t.companyId, t.integrationId],
      foreignColumns: [integrations.companyId, integrations.id],
    }).onDelete('cascade'),
    index('integration_flows_template_id_idx').on(t.templateId),
    workerPolicy('integration_flows'),
  ],
)
