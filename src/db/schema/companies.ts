import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgPolicy,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { type Branch, companyStatuses, industryTypes, planNames } from '../../contracts/companies.ts'
import { createdAt, instant, oneOf, updatedAt } from './columns.ts'
import { authenticated, companiesWith, tenantPolicies, workerPolicy } from './policies.ts'

const emailPattern = sql.raw(`'^[^@[:space:]]+@[^@[:space:]]+\\.[^@[:space:]]+$'`)

// The worker counts by these days; nothing that is not a number of days may stand there.
const filePolicyRule = (settings: AnyPgColumn) =>
  sql`jsonb_path_exists(${settings}, '$ ? ((!exists(@.filePolicy.trashDays) || (@.filePolicy.trashDays.type() == "number" && @.filePolicy.trashDays >= 1 && @.filePolicy.trashDays <= 365 && @.filePolicy.trashDays.floor() == @.filePolicy.trashDays)) && (!exists(@.filePolicy.allowedTypes) || @.filePolicy.allowedTypes.type() == "array"))')`

export const plans = pgTable(
  'plans',
  {
    name: text().primaryKey(),
    maxUsers: integer('max_users').notNull(),
    maxStudios: integer('max_studios').notNull(),
    maxExecutionsPerMonth: integer('max_executions_per_month').notNull(),
    maxConcurrentExecutions: integer('max_concurrent_executions').notNull(),
    maxStorageBytes: bigint('max_storage_bytes', { mode: 'number' }).notNull(),
    apiRequestsPerMinute: integer('api_requests_per_minute').notNull(),
  },
  (t) => [
    oneOf('plans_name_check', t.name, planNames),
    pgPolicy('plans_select', { for: 'select', to: authenticated, using: sql`true` }),
    workerPolicy('plans'),
  ],
)

export const companies = pgTable(
  'companies',
  {
    id: uuid().primaryKey().defaultRandom(),
    name: varchar({ length: 100 }).notNull(),
    slug: varchar({ length: 100 }).notNull(),
    industryType: varchar('industry_type', { length: 50 }).$type<(typeof industryTypes)[number]>().notNull(),
    contactEmail: varchar('contact_email', { length: 255 }).notNull(),
    contactPhone: varchar('contact_phone', { length: 20 }),
    headquartersAddress: varchar('headquarters_address', { length: 500 }).notNull(),
    branches: jsonb().$type<Branch[]>().notNull().default([]),
    plan: text()
      .$type<(typeof planNames)[number]>()
      .notNull()
      .default('free')
      .references(() => plans.name),
    status: text().$type<(typeof companyStatuses)[number]>().notNull().default('active'),
    settings: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    createdBy: uuid('created_by').notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    deletedAt: instant('deleted_at'),
  },
  (t) => [
    uniqueIndex('companies_slug_key').on(t.slug),
    uniqueIndex('companies_created_by_name_key').on(t.createdBy, sql`lower(${t.name})`),
    index('companies_plan_idx').on(t.plan),
    check('companies_name_check', sql`char_length(${t.name}) >= 3`),
    check('companies_slug_check', sql`${t.slug} ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(${t.slug}) >= 3`),
    check('companies_contact_email_check', sql`${t.contactEmail} ~ ${emailPattern}`),
    check('companies_headquarters_address_check', sql`char_length(${t.headquartersAddress}) >= 10`),
    check(
      'companies_branches_check',
      sql`jsonb_typeof(${t.branches}) = 'array' and jsonb_array_length(${t.branches}) <= 200`,
    ),
    check(
      'companies_file_policy_check',
      sql`octet_length(${t.settings}::text) <= 65536 and ${filePolicyRule(t.settings)}`,
    ),
    oneOf('companies_industry_type_check', t.industryType, industryTypes),
    oneOf('companies_status_check', t.status, companyStatuses),
    pgPolicy('companies_select', {
      for: 'select',
      to: authenticated,
      using: sql`${t.id} = any (${companiesWith('viewer')})`,
    }),
    pgPolicy('companies_insert', {
      for: 'insert',
      to: authenticated,
      withCheck: sql`${t.createdBy} = (select app.user_id()) and ${t.plan} = 'free' and ${t.status} = 'active' and ${t.deletedAt} is null`,
    }),
    pgPolicy('companies_update', {
      for: 'update',
      to: authenticated,
      using: sql`${t.id} = any (${companiesWith('admin')})`,
      withCheck: sql`${t.id} = any (${companiesWith('admin')})`,
    }),
    workerPolicy('companies'),
  ],
)

export const companyLimits = pgTable(
  'company_limits',
  {
    companyId: uuid('company_id')
      .primaryKey()
      .references(() => companies.id, { onDelete: 'cascade' }),
    maxUsers: integer('max_users'),
    maxStudios: integer('max_studios'),
    maxExecutionsPerMonth: integer('max_executions_per_month'),
    maxConcurrentExecutions: integer('max_concurrent_executions'),
    maxStorageBytes: bigint('max_storage_bytes', { mode: 'number' }),
    apiRequestsPerMinute: integer('api_requests_per_minute'),
  },
  (t) => [...tenantPolicies({ name: 'company_limits', companyId: t.companyId }), workerPolicy('company_limits')],
)

/**
 * Runs counted against the quota of a company and month (UTC, YYYY-MM), in the transaction that starts them; their sum
 * counts. Several slots, so that starts at the same moment do not wait for each other's commit.
 */
export const companyUsage = pgTable(
  'company_usage',
  {
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id, { onDelete: 'cascade' }),
    month: text().notNull(),
    slot: smallint().notNull().default(0),
    executions: integer().notNull().default(0),
  },
  (t) => [
    primaryKey({ name: 'company_usage_pkey', columns: [t.companyId, t.month, t.slot] }),
    ...tenantPolicies({ name: 'company_usage', companyId: t.companyId }),
    workerPolicy('company_usage'),
  ],
)
