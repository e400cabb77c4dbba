import { sql } from 'drizzle-orm'
import {
  check,
  foreignKey,
  index,
  pgPolicy,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { type BusinessArea, businessAreas } from '../../contracts/common.ts'
import { studioAccessKinds } from '../../contracts/studios.ts'
import { createdAt, instant, oneOf, updatedAt } from './columns.ts'
import { companies } from './companies.ts'
import { userCompanies, userProfiles } from './members.ts'
import { authenticated, companiesWith, tenantPolicies, workerPolicy } from './policies.ts'

export const studios = pgTable(
  'studios',
  {
    id: uuid().primaryKey().defaultRandom(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id, { onDelete: 'cascade' }),
    name: varchar({ length: 100 }).notNull(),
    description: text(),
    businessArea: varchar('business_area', { length: 50 }).$type<BusinessArea>().notNull(),
    access: text().$type<(typeof studioAccessKinds)[number]>().notNull().default('company'),
    createdBy: uuid('created_by')
      .notNull()
      .references(() => userProfiles.id),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    archivedAt: instant('archived_at'),
  },
  (t) => [
    unique('studios_company_id_id_key').on(t.companyId, t.id),
    uniqueIndex('studios_company_id_name_key').on(t.companyId, sql`lower(${t.name})`),
    index('studios_company_id_created_at_idx').on(t.companyId, t.createdAt.desc(), t.id.desc()),
    index('studios_restricted_idx').on(t.companyId).where(sql`${t.access} = 'restricted'`),
    index('studios_created_by_idx').on(t.createdBy),
    check('studios_name_check', sql`char_length(${t.name}) >= 3`),
    oneOf('studios_business_area_check', t.businessArea, businessAreas),
    oneOf('studios_access_check', t.access, studioAccessKinds),
    pgPolicy('studios_select', {
      for: 'select',
      to: authenticated,
      using: sql`${t.companyId} = any (${companiesWith('viewer')})
        and (${t.access} = 'company' or not app.is_hidden_studio(${t.id}))`,
    }),
    ...tenantPolicies({
      name: 'studios',
      companyId: t.companyId,
      studioId: t.id,
      insertCheck: sql`${t.createdBy} = (select app.user_id())`,
    }).filter((policy) => policy.name !== 'studios_select'),
    workerPolicy('studios'),
  ],
)

/** Who may enter a restricted studio; admins always may. */
export const studioMembers = pgTable(
  'studio_members',
  {
    companyId: uuid('company_id').notNull(),
    studioId: uuid('studio_id').notNull(),
    userId: uuid('user_id').notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'studio_members_pkey', columns: [t.companyId, t.studioId, t.userId] }),
    foreignKey({
      name: 'studio_members_studio_fkey',
      columns: [t.companyId, t.studioId],
      foreignColumns: [studios.companyId, studios.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'studio_members_member_fkey',
      columns: [t.companyId, t.userId],
      foreignColumns: [userCompanies.companyId, userCompanies.userId],
    }).onDelete('cascade'),
    index('studio_members_user_id_idx').on(t.userId, t.studioId),
    index('studio_members_company_id_user_id_idx').on(t.companyId, t.userId),
    ...tenantPolicies({ name: 'studio_members', companyId: t.companyId, studioId: t.studioId }),
    workerPolicy('studio_members'),
  ],
)
