import { type SQL, sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgPolicy,
  pgTable,
  unique,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { createdAt, instant } from './columns.ts'
import { files } from './files.ts'
import { folders } from './folders.ts'
import { userProfiles } from './members.ts'
import { authenticated, companiesWith, workerPolicy } from './policies.ts'

/** A link to one file, or one that lets people put files into one folder; the link itself is kept as a hash only. */
export const fileShares = pgTable(
  'file_shares',
  {
    id: uuid().primaryKey().defaultRandom(),
    companyId: uuid('company_id').notNull(),
    fileId: uuid('file_id'),
    folderId: uuid('folder_id'),
    label: varchar({ length: 200 }),
    /** SHA-256 of the link's token, in hexadecimal. */
    tokenHash: varchar('token_hash', { length: 64 }).notNull(),
    /** argon2id in its PHC form. */
    passwordHash: varchar('password_hash', { length: 200 }),
    /** People see that a link has a password, never its hash. */
    hasPassword: boolean('has_password').notNull().generatedAlwaysAs(sql`password_hash is not null`),
    /** Passwords tried since the last right one; each is counted before it is compared. */
    failedAttempts: integer('failed_attempts').notNull().default(0),
    failedAt: instant('failed_at'),
    expiresAt: instant('expires_at').notNull(),
    /** Downloads of a file, or uploads into a folder, that are allowed; null: any number. */
    maxUses: integer('max_uses'),
    uses: integer().notNull().default(0),
    createdBy: uuid('created_by')
      .notNull()
      .references(() => userProfiles.id),
    createdAt: createdAt(),
    revokedAt: instant('revoked_at'),
  },
  (t) => [
    unique('file_shares_token_hash_key').on(t.tokenHash),
    foreignKey({
      name: 'file_shares_file_fkey',
      columns: [t.companyId, t.fileId],
      foreignColumns: [files.companyId, files.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'file_shares_folder_fkey',
      columns: [t.companyId, t.folderId],
      foreignColumns: [folders.companyId, folders.id],
    }).onDelete('cascade'),
    index('file_shares_company_id_file_id_idx').on(t.companyId, t.fileId),
    index('file_shares_company_id_folder_id_idx').on(t.companyId, t.folderId),
    index('file_shares_company_id_created_at_idx').on(t.companyId, t.createdAt.desc(), t.id.desc()),
    index('file_shares_created_by_idx').on(t.createdBy),
    check('file_shares_target_check', sql`num_nonnulls(${t.fileId}, ${t.folderId}) = 1`),
    check('file_shares_max_uses_check', sql`${t.maxUses} >= 1`),
    pgPolicy('file_shares_select', {
      for: 'select',
      to: authenticated,
      using: onVisible('viewer', t),
    }),
    pgPolicy('file_shares_insert', {
      for: 'insert',
      to: authenticated,
      withCheck: sql`${onVisible('member', t)} and ${t.createdBy} = (select app.user_id())`,
    }),
    pgPolicy('file_shares_update', {
      for: 'update',
      to: authenticated,
      using: onVisible('member', t),
      withCheck: onVisible('member', t),
    }),
    workerPolicy('file_shares'),
  ],
)

// Whoever sees the file or the folder sees its links.
function onVisible(role: 'viewer' | 'member', t: Record<'companyId' | 'fileId' | 'folderId', AnyPgColumn>): SQL {
  return sql`${t.companyId} = any (${companiesWith(role)}) and (
    exists (select from files f where f.company_id = ${t.companyId} and f.id = ${t.fileId})
    or exists (select from folders d where d.company_id = ${t.companyId} and d.id = ${t.folderId}))`
}
