import { and, asc, eq, isNotNull, isNull, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { CreateFolderInput, Folder, ListFoldersInput } from '../../contracts/folders.ts'
import type { Tx } from '../client.ts'
import { decode, encode, refuseCursor } from '../paging.ts'
import { folders, studios } from '../schema/index.ts'

const folderColumns = {
  id: folders.id,
  companyId: folders.companyId,
  studioId: folders.studioId,
  parentId: folders.parentId,
  name: folders.name,
  createdBy: folders.createdBy,
  createdAt: folders.createdAt,
  updatedAt: folders.updatedAt,
  deletedAt: folders.deletedAt,
}

type Place = Pick<Folder, 'studioId' | 'parentId'>

const nameKey = sql<string>`lower(${folders.name})`
const within = (parentId: string | null) =>
  parentId === null ? isNull(folders.parentId) : eq(folders.parentId, parentId)

/** Keeps everybody else from changing the studio's tree until the transaction ends; taken before any folder is touched. */
export async function lockFolders(tx: Tx, studioId: string): Promise<void> {
  await tx.select({ id: studios.id }).from(studios).where(eq(studios.id, studioId)).for('no key update')
}

export async function findFolder(tx: Tx, folderId: string): Promise<Folder | undefined> {
  const rows = await tx.select(folderColumns).from(folders).where(eq(folders.id, folderId))
  return rows[0]
}

/** A page of the folders in one place, or of those put into the trash, by name. */
export async function listFolders(
  tx: Tx,
  input: ListFoldersInput,
): Promise<{ items: Folder[]; nextCursor: string | null }> {
  const { studioId, parentId = null, trash, limit, cursor } = input
  const isListed = trash ? and(isNotNull(folders.deletedAt), isNull(folders.deletedWith)) : isNull(folders.deletedAt)
  const rows = await tx
    .select({ ...folderColumns, key: nameKey })
    .from(folders)
    .where(
      and(
        eq(folders.studioId, studioId),
        trash && parentId === null ? undefined : within(parentId),
        isListed,
        cursor === undefined ? undefined : isBehind(cursor),
      ),
    )
    .orderBy(asc(nameKey), asc(folders.id))
    .limit(limit + 1)
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const nextCursor = rows.length > limit && last ? encode([last.key, last.id]) : null
  return { items: items.map(({ key: _, ...item }) => item), nextCursor }
}

const place = z.tuple([
  z
    .string()
    .max(600)
    .regex(/^\P{Cc}*$/u),
  z.uuid(),
])

function isBehind(cursor: string): SQL {
  const [key, id] = place.safeParse(decode(cursor)).data ?? refuseCursor()
  return sql`(${nameKey}, ${folders.id}) > (${key}, ${id}::uuid)`
}

/** The folders from the top of the studio down to this one. */
export async function listPath(tx: Tx, { companyId, studioId, id }: Folder): Promise<{ id: string; name: string }[]> {
  const { rows } = await tx.execute<{ id: string; name: string }>(sql`
    with recursive way as (
      select d.id, d.parent_id, d.name, 1 as step from folders d where d.id = ${id}
      union all
      select d.id, d.parent_id, d.name, w.step + 1 from way w
      join folders d on d.company_id = ${companyId} and d.studio_id = ${studioId} and d.id = w.parent_id
    ) select w.id, w.name from way w order by w.step desc`)
  return rows
}

/** The folder of this name, in any case, that is in the same place and not in the trash. */
export async function findNamesake(tx: Tx, { studioId, parentId }: Place, name: string): Promise<Folder | undefined> {
  const rows = await tx
    .select(folderColumns)
    .from(folders)
    .where(
      and(
        eq(folders.studioId, studioId),
        within(parentId),
        isNull(folders.deletedAt),
        eq(nameKey, sql`lower(${name})`),
      ),
    )
  return rows[0]
}

type NewFolder = CreateFolderInput & { companyId: string; createdBy: string }

/** Names its columns: callers are granted no others, and the query builder would name them all. */
export async function insertFolder(
  tx: Tx,
  { companyId, studioId, parentId, name, createdBy }: NewFolder,
): Promise<Folder> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    insert into folders (company_id, studio_id, parent_id, name, created_by)
    values (${companyId}, ${studioId}, ${parentId ?? null}, ${name}, ${createdBy}) returning id`)
  const folder = rows[0] && (await findFolder(tx, rows[0].id))
  if (!folder) throw new Error('an inserted folder was not returned')
  return folder
}

/** Changes a folder that is not in the trash; undefined when it went there meanwhile. */
export async function updateFolder(
  tx: Tx,
  folderId: string,
  change: Partial<Pick<Folder, 'name' | 'parentId'>>,
): Promise<Folder | undefined> {
  const rows = await tx
    .update(folders)
    .set(change)
    .where(and(eq(folders.id, folderId), isNull(folders.deletedAt)))
    .returning(folderColumns)
  return rows[0]
}

/** Puts a folder into the trash, or takes it out, with what belongs to it; undefined when it was there already. */
export async function updateFolderTrash(tx: Tx, folderId: string, isTrashed: boolean): Promise<Folder | undefined> {
  const rows = await tx
    .update(folders)
    .set({ deletedAt: isTrashed ? sql`now()` : null })
    .where(and(eq(folders.id, folderId), isTrashed ? isNull(folders.deletedAt) : isNotNull(folders.deletedAt)))
    .returning(folderColumns)
  return rows[0]
}
