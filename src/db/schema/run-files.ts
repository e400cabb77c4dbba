import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  foreignKey,
  index,
  integer,
  pgPolicy,
  pgTable,
  primaryKey,
  text,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { type FileUsage, fileUsages } from '../../contracts/files.ts'
import { createdAt, oneOf } from './columns.ts'
import { workflowExecutions } from './executions.ts'
import { files } from './files.ts'
import { authenticated, companiesWith, workerPolicy } from './policies.ts'

/** A file that a run was given, or made. What the engine reads it by is kept as a hash, made anew with every attempt. */
export const executionFiles = pgTable(
  'execution_files',
  {
    companyId: uuid('company_id').notNull(),
    executionId: uuid('execution_id').notNull(),
    fileId: uuid('file_id').notNull(),
    usageType: text('usage_type').$type<FileUsage>().notNull(),
    /** The input property that names the file, for one that the run was given. */
    property: varchar({ length: 100 }),
    /** The version that the attempt under way was given. */
    version: integer().notNull(),
    /** SHA-256 of the token in the engine's link, in hexadecimal. */
    tokenHash: varchar('token_hash', { length: 64 }),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'execution_files_pkey', columns: [t.companyId, t.executionId, t.fileId, t.usageType] }),
    foreignKey({
      name: 'execution_files_execution_fkey',
      columns: [t.companyId, t.executionId],
      foreignColumns: [workflowExecutions.companyId, workflowExecutions.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'execution_files_file_fkey',
      columns: [t.companyId, t.fileId],
      foreignColumns: [files.companyId, files.id],
    }).onDelete('cascade'),
    index('execution_files_company_id_file_id_idx').on(t.companyId, t.fileId, t.createdAt.desc()),
    oneOf('execution_files_usage_type_check', t.usageType, fileUsages),
    readableWithBoth('execution_files', t),
    workerPolicy('execution_files'),
  ],
)

/** Each time that a run's engine read a file. */
export const fileReads = pgTable(
  'file_reads',
  {
    id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity(),
    companyId: uuid('company_id').notNull(),
    executionId: uuid('execution_id').notNull(),
    fileId: uuid('file_id').notNull(),
    version: integer().notNull(),
    readAt: createdAt(),
  },
  (t) => [
    primaryKey({ name: 'file_reads_pkey', columns: [t.companyId, t.fileId, t.id] }),
    foreignKey({
      name: 'file_reads_execution_fkey',
      columns: [t.companyId, t.executionId],
      foreignColumns: [workflowExecutions.companyId, workflowExecutions.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'file_reads_file_fkey',
      columns: [t.companyId, t.fileId],
      foreignColumns: [files.companyId, files.id],
    }).onDelete('cascade'),
    index('file_reads_company_id_execution_id_idx').on(t.companyId, t.executionId),
    readableWithBoth('file_reads', t),
    workerPolicy('file_reads'),
  ],
)

// Whoever may see the run and the file may see that the one used the other.
function readableWithBoth(name: string, t: Record<'companyId' | 'executionId' | 'fileId', AnyPgColumn>) {
  return pgPolicy(`${name}_select`, {
    for: 'select',
    to: authenticated,
    using: sql`${t.companyId} = any (${companiesWith('viewer')})
      and exists (select from files f where f.company_id = ${t.companyId} and f.id = ${t.fileId})
      and exists (select from workflow_executions e where e.company_id = ${t.companyId} and e.id = ${t.executionId})`,
  })
}
