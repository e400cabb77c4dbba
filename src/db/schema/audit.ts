import { sql } from 'drizzle-orm'
import { index, jsonb, pgTable, primaryKey, text, uuid, varchar } from 'drizzle-orm/pg-core'
import { createdAt, oneOf } from './columns.ts'
import { tenantPolicies } from './policies.ts'

/** `link`: whoever opened a shared link, who needs no account. */
export const auditActors = ['user', 'key', 'worker', 'operator', 'link'] as const

/** Who changed what and when; written by triggers, insert-only for everybody, a partition a month. */
export const auditLogs = pgTable(
  'audit_logs',
  {
    id: uuid().notNull().default(sql`gen_random_uuid()`),
    /** Null for what concerns no company, such as a person's profile. */
    companyId: uuid('company_id'),
    actor: text().$type<(typeof auditActors)[number]>().notNull(),
    userId: uuid('user_id'),
    action: varchar({ length: 50 }).notNull(),
    resourceType: varchar('resource_type', { length: 50 }).notNull(),
    resourceId: uuid('resource_id'),
    changes: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    requestId: varchar('request_id', { length: 64 }),
    ipAddress: varchar('ip_address', { length: 45 }),
    userAgent: text('user_agent'),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'audit_logs_pkey', columns: [t.createdAt, t.id] }),
    index('audit_logs_company_id_created_at_idx').on(t.companyId, t.createdAt.desc(), t.id.desc()),
    index('audit_logs_company_id_resource_idx').on(t.companyId, t.resourceType, t.resourceId),
    oneOf('audit_logs_actor_check', t.actor, auditActors),
    ...tenantPolicies({ name: 'audit_logs', companyId: t.companyId }),
  ],
)
