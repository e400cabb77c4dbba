import { sql } from 'drizzle-orm'
import { check, foreignKey, index, pgTable, unique, uniqueIndex, uuid, varchar } from 'drizzle-orm/pg-core'
import { createdAt, instant, updatedAt } from './columns.ts'
import { userProfiles } from './members.ts'
import { tenantPolicies, workerPolicy } from './policies.ts'
import { studios } from './studios.ts'

/** A folder of a studio's files. Its name and place are here only: renaming or moving it touches no file and no byte. */
export const folders = pgTable(
  'folders',
  {
    id: uuid().primaryKey().defaultRandom(),
    companyId: uuid('company_id').notNull(),
    studioId: uuid('studio_id').notNull(),
    parentId: uuid('parent_id'),
    name: varchar({ length: 255 }).notNull(),
    createdBy: uuid('created_by')
      .notNull()
      .references(() => userProfiles.id),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    deletedAt: instant('deleted_at'),
    /** The folder whose way into the trash took this one along. */
    deletedWith: uuid('deleted_with'),
  },
  (t) => [
    unique('folders_company_id_id_key').on(t.companyId, t.id),
    unique('folders_company_id_studio_id_id_key').on(t.companyId, t.studioId, t.id),
    uniqueIndex('folders_name_key')
      .on(
        t.companyId,
        t.studioId,
        sql`coalesce(${t.parentId}, '00000000-0000-0000-0000-000000000000')`,
        sql`lower(${t.name})`,
      )
      .where(sql`${t.deletedAt} is null`),
    foreignKey({
      name: 'folders_studio_fkey',
      columns: [t.companyId, t.studioId],
      foreignColumns: [studios.companyId, studios.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'folders_parent_fkey',
      columns: [t.companyId, t.studioId, t.parentId],
      foreignColumns: [t.companyId, t.studioId, t.id],
    }),
    index('folders_company_id_parent_id_idx').on(t.companyId, t.studioId, t.parentId),
    index('folders_created_by_idx').on(t.createdBy),
    index('folders_trash_idx').on(t.companyId, t.deletedAt).where(sql`${t.deletedAt} is not null`),
    check('folders_name_check', sql`char_length(${t.name}) >= 1 and ${t.name} !~ '[/\\\\[:cntrl:]]'`),
    check('folders_parent_check', sql`${t.parentId} <> ${t.id}`),
    ...tenantPolicies({
      name: 'folders',
      companyId: t.companyId,
      studioId: t.studioId,
      insertCheck: sql`${t.createdBy} = (select app.user_id())`,
    }),
    workerPolicy('folders'),
  ],
)
