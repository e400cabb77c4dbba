import { and, arrayContains, eq, gte, inArray, isNotNull, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { ListFilesInput, PrivateFile } from '../../contracts/file-lists.ts'
import { fileKinds } from '../../contracts/file-types.ts'
import type { File } from '../../contracts/files.ts'
import type { Tx } from '../client.ts'
import { behind, type Position } from '../paging.ts'
import { files } from '../schema/index.ts'
import { fileColumns } from './files.ts'

/** With more files than this found by name and tags, going through the newest ones finds a page sooner. */
const mostFound = 1000

/** A page of the files that can be read, newest first, and one more. */
export async function listFiles(tx: Tx, input: ListFilesInput, after: Position | undefined): Promise<File[]> {
  const found = input.search === undefined && !input.tags ? undefined : await findFileIds(tx, input)
  const isFew = found && found.length <= mostFound
  return (
    tx
      .select(fileColumns)
      .from(files)
      .where(
        and(
          eq(files.companyId, input.companyId),
          // Written out, not bound: only so can a prepared statement use the index of what is in the trash.
          input.trash ? isNotNull(files.deletedAt) : isNull(files.deletedAt),
          sql`${files.status} = 'ready'`,
          input.studioId ? eq(files.studioId, input.studioId) : undefined,
          inFolder(input),
          isFew ? sql`${files.id} = any (${sql.param(found)}::uuid[])` : named(input),
          input.kind ? inArray(files.mimeType, [...fileKinds[input.kind]]) : undefined,
          input.mimeType ? eq(files.mimeType, input.mimeType) : undefined,
          input.uploadedBy ? eq(files.uploadedBy, input.uploadedBy) : undefined,
          input.uploadedFrom ? gte(files.uploadTimestamp, input.uploadedFrom) : undefined,
          input.uploadedBefore ? lt(files.uploadTimestamp, input.uploadedBefore) : undefined,
          input.accessLevel ? eq(files.accessLevel, input.accessLevel) : undefined,
          behind(after, files.uploadTimestamp, files.id),
        ),
      )
      // As the index has them; the planner does not know that neither is ever null.
      .orderBy(sql`${files.uploadTimestamp} desc nulls last`, sql`${files.id} desc nulls last`)
      .limit(input.limit + 1)
  )
}

const patternOf = (search: string) => `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`

async function findFileIds(tx: Tx, { companyId, search, tags }: ListFilesInput): Promise<string[]> {
  const pattern = search === undefined ? null : patternOf(search)
  const wanted = sql`${pattern}, ${sql.param(tags ?? null)}::text[], ${mostFound + 1}`
  const { rows } = await tx.execute<{ id: string }>(sql`select app.found_file_ids(${companyId}, ${wanted}) as id`)
  return rows.map(({ id }) => id)
}

function named({ search, tags }: ListFilesInput): SQL | undefined {
  return and(
    search === undefined ? undefined : sql`lower(${files.filename}) like lower(${patternOf(search)})`,
    tags ? arrayContains(files.tags, tags) : undefined,
  )
}

function inFolder({ companyId, folderId, inSubfolders }: ListFilesInput): SQL | undefined {
  if (folderId === undefined) return undefined
  if (folderId === 'top') return inSubfolders ? undefined : isNull(files.folderId)
  const studio = sql`${files.studioId} = (select d.studio_id from folders d where d.id = ${folderId})`
  if (!inSubfolders) return and(studio, eq(files.folderId, folderId))
  return and(
    studio,
    sql`${files.folderId} = any (array(
      with recursive below as (
        select d.id, d.studio_id from folders d where d.company_id = ${companyId} and d.id = ${folderId}
        union all
        select d.id, d.studio_id from below b
        join folders d on d.company_id = ${companyId} and d.studio_id = b.studio_id and d.parent_id = b.id
      ) select b.id from below b))`,
  )
}

/** Private files of others, by id, and one more than asked for; the function lets admins through only. */
export async function listPrivateFiles(tx: Tx, companyId: string, afterId: string | null, limit: number) {
  const { rows } = await tx.execute<PrivateFile & Record<string, unknown>>(sql`
    select f.id, f.filename, f.file_size as "fileSize", f.uploaded_by as "uploadedBy", f.studio_id as "studioId"
    from app.private_files_of_others(${companyId}, ${afterId}::uuid, ${limit + 1}) f`)
  return rows
}
