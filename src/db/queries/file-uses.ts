import { sql } from 'drizzle-orm'
import { z } from 'zod'
import {
  type ExecutionFile,
  type ExecutionFilesInput,
  executionFile,
  type FileReader,
  fileReader,
  unnamedFile,
} from '../../contracts/run-files.ts'
import type { Tx } from '../client.ts'
import { decode, encode, type Position, refuseCursor } from '../paging.ts'

const instant = z.union([z.string(), z.date()]).transform((moment) => new Date(moment).toISOString())
const readerRow = z.object({
  ...fileReader.shape,
  givenAt: instant,
  firstReadAt: instant.nullable(),
  lastReadAt: instant.nullable(),
})

/** Runs that were given a file and that the caller may see, the newest first, with what their flows read of it. */
export async function listReaders(
  tx: Tx,
  file: { companyId: string; id: string; limit: number },
  after: Position | undefined,
): Promise<FileReader[]> {
  const behind = after ? sql`and (u.created_at, u.execution_id) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql``
  const { rows } = await tx.execute(sql`
    select u.execution_id as "executionId", t.id as "templateId", t.name as "templateName", e.studio_id as "studioId",
      e.user_id as "userId", u.property, u.version, u.created_at as "givenAt", r.reads, r.versions as "versionsRead",
      r.first_at as "firstReadAt", r.last_at as "lastReadAt"
    from execution_files u
    join workflow_executions e on e.company_id = u.company_id and e.id = u.execution_id
    join workflow_templates t on t.id = e.template_id
    cross join lateral (
      select count(*)::int as reads, coalesce(array_agg(distinct x.version order by x.version), '{}') as versions,
        min(x.created_at) as first_at, max(x.created_at) as last_at
      from file_reads x
      where x.company_id = u.company_id and x.file_id = u.file_id and x.execution_id = u.execution_id
    ) r
    where u.company_id = ${file.companyId} and u.file_id = ${file.id} and u.usage_type = 'input' ${behind}
    order by u.created_at desc, u.execution_id desc limit ${file.limit + 1}`)
  return z.array(readerRow).parse(rows)
}

/** The company of a run that the caller may see. */
export async function findRunCompany(tx: Tx, executionId: string): Promise<string | undefined> {
  const { rows } = await tx.execute<{ company_id: string }>(
    sql`select company_id from workflow_executions where id = ${executionId}`,
  )
  return rows[0]?.company_id
}

const fileRow = executionFile.extend({ place: z.coerce.number() })
const position = z.tuple([z.int().min(0).max(2_147_483_647)])

/** The files that a run was given or made; what the caller may not read of them is left out. */
export async function listExecutionFiles(
  tx: Tx,
  companyId: string,
  { executionId, limit, cursor }: ExecutionFilesInput,
): Promise<{ items: ExecutionFile[]; nextCursor: string | null }> {
  const [after] = cursor === undefined ? [0] : (position.safeParse(decode(cursor)).data ?? refuseCursor())
  const { rows } = await tx.execute(sql`
    select n.place, n.use ->> 'file_id' as "fileId", n.use ->> 'usage_type' as usage, f.id is not null as "isReadable",
      coalesce(f.filename, ${unnamedFile}) as filename, coalesce(v.file_size, f.file_size) as "fileSize",
      coalesce(v.mime_type, f.mime_type) as "mimeType", u.version, u.property
    from workflow_executions e
    cross join lateral jsonb_array_elements(e.files_used) with ordinality n (use, place)
    left join files f on f.company_id = e.company_id and f.id = (n.use ->> 'file_id')::uuid
    left join execution_files u on u.company_id = e.company_id and u.execution_id = e.id and u.file_id = f.id
      and u.usage_type = n.use ->> 'usage_type'
    left join file_versions v on v.company_id = e.company_id and v.file_id = f.id and v.number = u.version
    where e.company_id = ${companyId} and e.id = ${executionId} and n.place > ${after}
    order by n.place limit ${limit + 1}`)
  const found = z.array(fileRow).parse(rows)
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  const items = shown.map(({ place: _, ...file }) => file)
  return { items, nextCursor: found.length > limit && last ? encode([last.place]) : null }
}
