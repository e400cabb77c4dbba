import { sql } from 'drizzle-orm'
import { check, index, pgPolicy, pgTable, text, unique, uuid, varchar } from 'drizzle-orm/pg-core'
import { type Role, roles } from '../../contracts/access.ts'
import { type MembershipStatus, membershipStatuses } from '../../contracts/members.ts'
import { userStatuses } from '../../contracts/profile.ts'
import { createdAt, instant, oneOf, updatedAt } from './columns.ts'
import { companies } from './companies.ts'
import { authenticated, companiesWith, workerPolicy } from './policies.ts'

/** One row a person; its foreign key to `auth.users` is written in the migration, for that table is Supabase's. */
export const userProfiles = pgTable(
  'user_profiles',
  {
    id: uuid().primaryKey(),
    fullName: varchar('full_name', { length: 100 }).notNull(),
    status: text().$type<(typeof userStatuses)[number]>().notNull().default('active'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    lastLoginAt: instant('last_login_at'),
  },
  (t) => [
    check('user_profiles_full_name_check', sql`char_length(${t.fullName}) >= 2`),
    oneOf('user_profiles_status_check', t.status, userStatuses),
    pgPolicy('user_profiles_select', {
      for: 'select',
      to: authenticated,
      using: sql`${t.id} = (select app.user_id()) or ${t.id} = any ((select app.colleague_ids())::uuid[])`,
    }),
    pgPolicy('user_profiles_update', {
      for: 'update',
      to: authenticated,
      using: sql`${t.id} = (select app.user_id())`,
      withCheck: sql`${t.id} = (select app.user_id())`,
    }),
    workerPolicy('user_profiles'),
  ],
)

export const userCompanies = pgTable(
  'user_companies',
  {
    id: uuid().primaryKey().defaultRandom(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id, { onDelete: 'cascade' }),
    userId: uuid('user_id')
      .notNull()
      .references(() => userProfiles.id, { onDelete: 'cascade' }),
    role: varchar({ length: 20 }).$type<Role>().notNull().default('member'),
    status: varchar({ length: 20 }).$type<MembershipStatus>().notNull().default('pending'),
    joinedAt: instant('joined_at'),
    approvedBy: uuid('approved_by').references(() => userProfiles.id, { onDelete: 'set null' }),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    unique('user_companies_company_id_user_id_key').on(t.companyId, t.userId),
    index('user_companies_user_id_idx').on(t.userId, t.status),
    index('user_companies_approved_by_idx').on(t.approvedBy),
    index('user_companies_company_id_created_at_idx').on(t.companyId, t.createdAt.desc(), t.userId.desc()),
    oneOf('user_companies_role_check', t.role, roles),
    oneOf('user_companies_status_check', t.status, membershipStatuses),
    pgPolicy('user_companies_select', {
      for: 'select',
      to: authenticated,
      using: sql`${t.userId} = (select app.user_id())
        or (${t.status} = 'approved' and ${t.companyId} = any (${companiesWith('viewer')}))
        or ${t.companyId} = any (${companiesWith('admin')})`,
    }),
    pgPolicy('user_companies_insert', {
      for: 'insert',
      to: authenticated,
      withCheck: sql`${t.userId} = (select app.user_id()) and ${t.status} = 'pending' and ${t.role} = 'member'
        and ${t.approvedBy} is null and ${t.joinedAt} is null`,
    }),
    pgPolicy('user_companies_update', {
      for: 'update',
      to: authenticated,
      using: sql`${t.userId} = (select app.user_id()) or ${t.companyId} = any (${companiesWith('admin')})`,
      withCheck: sql`${t.userId} = (select app.user_id()) or ${t.companyId} = any (${companiesWith('admin')})`,
    }),
    workerPolicy('user_companies'),
  ],
)
