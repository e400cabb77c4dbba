import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgPolicy,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { largestFileBytes } from '../../contracts/file-types.ts'
import { type FileAccess, type FileStatus, fileAccessLevels, fileStatuses } from '../../contracts/files.ts'
import { createdAt, instant, oneOf, updatedAt } from './columns.ts'
import { companies } from './companies.ts'
import { folders } from './folders.ts'
import { userProfiles } from './members.ts'
import { authenticated, companiesWith, tenantPolicies, workerPolicy } from './policies.ts'
import { studios } from './studios.ts'

const sizeRule = (column: AnyPgColumn) => sql`${column} between 1 and ${sql.raw(String(largestFileBytes))}`
const checksumRule = (column: AnyPgColumn) => sql`${column} ~ '^[0-9a-f]{64}$'`

/** A file as people see it; size, type, checksum and place of the bytes are those of its current version. */
export const files = pgTable(
  'files',
  {
    id: uuid().primaryKey().defaultRandom(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id, { onDelete: 'cascade' }),
    studioId: uuid('studio_id').notNull(),
    folderId: uuid('folder_id'),
    uploadedBy: uuid('uploaded_by')
      .notNull()
      .references(() => userProfiles.id),
    filename: varchar({ length: 255 }).notNull(),
    fileSize: integer('file_size').notNull(),
    mimeType: varchar('mime_type', { length: 100 }).notNull(),
    supabasePath: varchar('supabase_path', { length: 500 }).notNull(),
    checksum: varchar({ length: 64 }),
    status: text().$type<FileStatus>().notNull().default('uploading'),
    /** The number of the current version. */
    version: integer().notNull().default(1),
    /** The highest number that a version was given; counted by a trigger, so that none is given twice. */
    lastVersion: integer('last_version').notNull().default(0),
    accessLevel: varchar('access_level', { length: 20 }).$type<FileAccess>().notNull().default('studio'),
    tags: text().array().notNull().default(sql`'{}'::text[]`),
    metadata: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    uploadTimestamp: instant('upload_timestamp').notNull().default(sql`now()`),
    lastAccessed: instant('last_accessed'),
    deletedAt: instant('deleted_at'),
    /** The folder whose way into the trash took this file along; it comes back with it. */
    deletedWith: uuid('deleted_with'),
    updatedAt: updatedAt(),
  },
  (t) => [
    unique('files_company_id_id_key').on(t.companyId, t.id),
    unique('files_supabase_path_key').on(t.supabasePath),
    foreignKey({
      name: 'files_studio_fkey',
      columns: [t.companyId, t.studioId],
      foreignColumns: [studios.companyId, studios.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'files_folder_fkey',
      columns: [t.companyId, t.studioId, t.folderId],
      foreignColumns: [folders.companyId, folders.studioId, folders.id],
    }),
    index('files_company_id_upload_timestamp_idx').on(t.companyId, t.uploadTimestamp.desc(), t.id.desc()),
    index('files_company_id_studio_id_idx').on(t.companyId, t.studioId, t.folderId, t.uploadTimestamp.desc()),
    index('files_company_id_mime_type_idx').on(t.companyId, t.mimeType, t.uploadTimestamp.desc(), t.id.desc()),
    index('files_uploaded_by_idx').on(t.uploadedBy),
    index('files_tags_idx').using('gin', t.tags),
    index('files_filename_idx').using('gin', sql`lower(${t.filename}) extensions.gin_trgm_ops`),
    index('files_trash_idx').on(t.companyId, t.deletedAt).where(sql`${t.deletedAt} is not null`),
    index('files_private_idx').on(t.companyId, t.id).where(sql`${t.accessLevel} = 'private'`),
    check('files_filename_check', sql`char_length(${t.filename}) >= 1 and ${t.filename} !~ '[/\\\\[:cntrl:]]'`),
    check('files_file_size_check', sizeRule(t.fileSize)),
    check('files_checksum_check', checksumRule(t.checksum)),
    check('files_ready_check', sql`${t.status} <> 'ready' or ${t.checksum} is not null`),
    check('files_version_check', sql`${t.version} >= 1`),
    check('files_tags_check', sql`cardinality(${t.tags}) <= 20`),
    check(
      'files_metadata_check',
      sql`jsonb_typeof(${t.metadata}) = 'object' and octet_length(${t.metadata}::text) <= 16384`,
    ),
    oneOf('files_status_check', t.status, fileStatuses),
    oneOf('files_access_level_check', t.accessLevel, fileAccessLevels),
    ...filePolicies(t),
    workerPolicy('files'),
  ],
)

type FileColumns = Record<'companyId' | 'studioId' | 'uploadedBy' | 'accessLevel' | 'status' | 'deletedAt', AnyPgColumn>

// DATA-MODEL, "Who may do what": private to its owner, studio to those with access to the studio, company to every member.
function filePolicies({ companyId, studioId, uploadedBy, accessLevel, status, deletedAt }: FileColumns) {
  const mine = sql`${uploadedBy} = (select app.user_id())`
  const inStudio = sql`${studioId} <> all ((select app.hidden_studio_ids())::uuid[])`
  const of = (role: 'viewer' | 'member') => sql`${companyId} = any (${companiesWith(role)})`
  const readable = sql`${of('viewer')} and case ${accessLevel} when 'company' then true when 'studio' then ${inStudio} else ${mine} end`
  const workable = sql`${of('member')} and case ${accessLevel} when 'private' then ${mine} else ${inStudio} end`
  const begun = sql`${of('member')} and ${inStudio} and ${mine} and ${status} = 'uploading' and ${deletedAt} is null`
  return [
    pgPolicy('files_select', { for: 'select', to: authenticated, using: readable }),
    pgPolicy('files_insert', { for: 'insert', to: authenticated, withCheck: begun }),
    pgPolicy('files_update', { for: 'update', to: authenticated, using: workable, withCheck: workable }),
  ]
}

/** The bytes of a file at one time; they never change. An upload is a version that is not ready yet. */
export const fileVersions = pgTable(
  'file_versions',
  {
    id: uuid().notNull().defaultRandom(),
    companyId: uuid('company_id').notNull(),
    fileId: uuid('file_id').notNull(),
    number: integer().notNull().default(1),
    uploadedBy: uuid('uploaded_by')
      .notNull()
      .references(() => userProfiles.id),
    /** What the quota keeps for it: the size declared, and once it is ready the real one. */
    fileSize: integer('file_size').notNull(),
    mimeType: varchar('mime_type', { length: 100 }).notNull(),
    supabasePath: varchar('supabase_path', { length: 500 }).notNull(),
    /** SHA-256 in hexadecimal; before the version is ready the one declared, if any. */
    checksum: varchar({ length: 64 }),
    status: text().$type<FileStatus>().notNull().default('uploading'),
    /** An upload that is not ready by then is given up. */
    expiresAt: instant('expires_at').notNull(),
    /** The link through which somebody without an account sent it, whether there still is one or not. */
    shareId: uuid('share_id'),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'file_versions_pkey', columns: [t.companyId, t.fileId, t.number] }),
    unique('file_versions_id_key').on(t.id),
    unique('file_versions_supabase_path_key').on(t.supabasePath),
    foreignKey({
      name: 'file_versions_file_fkey',
      columns: [t.companyId, t.fileId],
      foreignColumns: [files.companyId, files.id],
    }).onDelete('cascade'),
    index('file_versions_uploaded_by_idx').on(t.uploadedBy),
    index('file_versions_uploading_idx').on(t.expiresAt).where(sql`${t.status} = 'uploading'`),
    index('file_versions_share_idx').on(t.shareId).where(sql`${t.status} = 'uploading'`),
    check('file_versions_file_size_check', sizeRule(t.fileSize)),
    check('file_versions_checksum_check', checksumRule(t.checksum)),
    check('file_versions_ready_check', sql`${t.status} <> 'ready' or ${t.checksum} is not null`),
    check('file_versions_path_check', sql`${t.supabasePath} = ${t.companyId}::text || '/' || ${t.id}::text`),
    check('file_versions_number_check', sql`${t.number} >= 1`),
    oneOf('file_versions_status_check', t.status, fileStatuses),
    pgPolicy('file_versions_select', {
      for: 'select',
      to: authenticated,
      using: sql`${t.companyId} = any (${companiesWith('viewer')}) and exists (
        select from files f where f.company_id = ${t.companyId} and f.id = ${t.fileId})`,
    }),
    pgPolicy('file_versions_insert', {
      for: 'insert',
      to: authenticated,
      withCheck: sql`${t.companyId} = any (${companiesWith('member')}) and ${t.uploadedBy} = (select app.user_id())
        and ${t.status} = 'uploading' and exists (
          select from files f where f.company_id = ${t.companyId} and f.id = ${t.fileId} and f.deleted_at is null)`,
    }),
    workerPolicy('file_versions'),
  ],
)

/** Bytes that a company's versions take, those being uploaded and those in the trash included; kept by triggers. */
export const companyStorage = pgTable(
  'company_storage',
  {
    companyId: uuid('company_id')
      .primaryKey()
      .references(() => companies.id, { onDelete: 'cascade' }),
    usedBytes: bigint('used_bytes', { mode: 'number' }).notNull().default(0),
  },
  (t) => [
    check('company_storage_used_bytes_check', sql`${t.usedBytes} >= 0`),
    ...tenantPolicies({ name: 'company_storage', companyId: t.companyId }),
    workerPolicy('company_storage'),
  ],
)

/** Bytes whose version is gone, until the worker has removed them from the storage; the company may be gone, too. */
export const fileRemovals = pgTable(
  'file_removals',
  {
    companyId: uuid('company_id').notNull(),
    supabasePath: varchar('supabase_path', { length: 500 }).notNull(),
    notBefore: instant('not_before').notNull().default(sql`now()`),
    /** Removed again and again until then: the address of their upload may still open. */
    watchedUntil: instant('watched_until').notNull().default(sql`now()`),
    attempts: integer().notNull().default(0),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'file_removals_pkey', columns: [t.companyId, t.supabasePath] }),
    index('file_removals_not_before_idx').on(t.notBefore),
    workerPolicy('file_removals'),
  ],
)
