import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  customType,
  foreignKey,
  index,
  integer,
  jsonb,
  pgPolicy,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { type BusinessArea, businessAreas, complexityLevels } from '../../contracts/common.ts'
import { createdAt, instant, oneOf, updatedAt } from './columns.ts'
import { companies } from './companies.ts'
import { authenticated, companiesWith, workerPolicy } from './policies.ts'

type Json = Record<string, unknown>

const searchVector = customType<{ data: string }>({ dataType: () => 'tsvector' })

/** The words that the catalog's full-text search ranks: name before tags before the rest. */
const searchDocument = sql.raw(
  `setweight(to_tsvector('simple', name), 'A') || setweight(to_tsvector('english', name || ' ' || category), 'A') ||
   setweight(to_tsvector('simple', app.joined(tags)), 'B') || setweight(to_tsvector('english', description || ' ' || value_proposition), 'C')`,
)

/** A ready-made workflow: offered to everybody where `companyId` is null, otherwise the company's own. */
export const workflowTemplates = pgTable(
  'workflow_templates',
  {
    id: uuid().primaryKey().defaultRandom(),
    companyId: uuid('company_id').references(() => companies.id, { onDelete: 'cascade' }),
    slug: varchar({ length: 100 }).notNull(),
    name: varchar({ length: 200 }).notNull(),
    description: text().notNull(),
    valueProposition: text('value_proposition').notNull(),
    businessArea: varchar('business_area', { length: 50 }).$type<BusinessArea>().notNull(),
    category: varchar({ length: 50 }).notNull(),
    complexityLevel: varchar('complexity_level', { length: 20 }).$type<(typeof complexityLevels)[number]>().notNull(),
    tags: text().array().notNull().default(sql`'{}'`),
    version: varchar({ length: 20 }).notNull(),
    activepiecesFlowId: varchar('activepieces_flow_id', { length: 21 }),
    estimatedDurationMinutes: integer('estimated_duration_minutes').notNull(),
    minutesSavedPerRun: integer('minutes_saved_per_run').notNull(),
    isActive: boolean('is_active').notNull().default(true),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    search: searchVector().generatedAlwaysAs(searchDocument),
  },
  (t) => [
    uniqueIndex('workflow_templates_company_id_slug_key')
      .on(t.companyId, t.slug)
      .where(sql`${t.companyId} is not null`),
    uniqueIndex('workflow_templates_platform_slug_key').on(t.slug).where(sql`${t.companyId} is null`),
    index('workflow_templates_company_id_idx').on(t.companyId),
    index('workflow_templates_search_idx').using('gin', t.search),
    index('workflow_templates_tags_idx').using('gin', t.tags),
    check('workflow_templates_name_check', sql`char_length(${t.name}) >= 3`),
    check('workflow_templates_description_check', sql`char_length(${t.description}) between 10 and 1000`),
    check('workflow_templates_flow_id_check', sql`${t.activepiecesFlowId} ~ '^[0-9A-Za-z]{21}$'`),
    check(
      'workflow_templates_version_check',
      sql`${t.version} ~ '^(0|[1-9][0-9]*)[.](0|[1-9][0-9]*)[.](0|[1-9][0-9]*)$'`,
    ),
    check('workflow_templates_duration_check', sql`${t.estimatedDurationMinutes} between 1 and 1440`),
    check('workflow_templates_minutes_saved_check', sql`${t.minutesSavedPerRun} >= 0`),
    oneOf('workflow_templates_business_area_check', t.businessArea, businessAreas),
    oneOf('workflow_templates_complexity_check', t.complexityLevel, complexityLevels),
    pgPolicy('workflow_templates_select', {
      for: 'select',
      to: authenticated,
      using: sql`(${t.companyId} is null and (select app.user_id()) is not null) or ${t.companyId} = any (${companiesWith('viewer')})`,
    }),
    workerPolicy('workflow_templates'),
  ],
)

/** What a template was at each version; a run keeps the version that it ran. */
export const workflowTemplateVersions = pgTable(
  'workflow_template_versions',
  {
    templateId: uuid('template_id').notNull(),
    version: varchar({ length: 20 }).notNull(),
    companyId: uuid('company_id').references(() => companies.id, { onDelete: 'cascade' }),
    /** SHA-256 of manifest and flow: two contents never share a version. */
    contentHash: varchar('content_hash', { length: 64 }).notNull(),
    manifest: jsonb().$type<Json>().notNull(),
    flow: jsonb().$type<Json>().notNull(),
    inputSchema: jsonb('input_schema').$type<Json>().notNull(),
    outputSchema: jsonb('output_schema').$type<Json>().notNull(),
    sampleInput: jsonb('sample_input').$type<Json>().notNull(),
    exampleResult: jsonb('example_result').$type<Json>().notNull(),
    effects: jsonb().$type<string[]>().notNull().default([]),
    resultStep: varchar('result_step', { length: 100 }).notNull(),
    publishedAt: instant('published_at').notNull().default(sql`now()`),
  },
  (t) => [
    primaryKey({ name: 'workflow_template_versions_pkey', columns: [t.templateId, t.version] }),
    foreignKey({
      name: 'workflow_template_versions_template_fkey',
      columns: [t.templateId],
      foreignColumns: [workflowTemplates.id],
    }).onDelete('cascade'),
    index('workflow_template_versions_company_id_idx').on(t.companyId),
    pgPolicy('workflow_template_versions_select', {
      for: 'select',
      to: authenticated,
      using: sql`(${t.companyId} is null and (select app.user_id()) is not null) or ${t.companyId} = any (${companiesWith('viewer')})`,
    }),
    workerPolicy('workflow_template_versions'),
  ],
)
