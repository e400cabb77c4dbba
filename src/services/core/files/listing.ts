import { id } from '../../../contracts/common.ts'
import type { ListFilesInput, ListPrivateFilesInput } from '../../../contracts/file-lists.ts'
import { decode, encode, readCursor, refuseCursor, toPage } from '../../../db/paging.ts'
import * as queries from '../../../db/queries/file-lists.ts'
import type { ServiceContext } from '../../context.ts'
import { requireRole } from '../access.ts'

/** The files of a company that the caller may read, newest first. @throws {DomainError} NOT_FOUND for a company that is not the caller's. */
export async function listFiles(ctx: ServiceContext, input: ListFilesInput) {
  const after = readCursor(input.cursor)
  return ctx.read(async (tx) => {
    const rows = await queries.listFiles(tx, input, after)
    if (rows.length === 0) await requireRole(tx, input.companyId, 'viewer')
    return toPage(rows, input.limit, (row) => ({ at: row.uploadedAt, id: row.id }))
  })
}

/** Name and size of other people's private files, for an admin who looks for what takes the room. */
export async function listPrivateFiles(ctx: ServiceContext, { companyId, limit, cursor }: ListPrivateFilesInput) {
  const after = cursor === undefined ? null : (id.safeParse(decode(cursor)).data ?? refuseCursor())
  return ctx.read(async (tx) => {
    await requireRole(tx, companyId, 'admin')
    const rows = await queries.listPrivateFiles(tx, companyId, after, limit)
    const items = rows.slice(0, limit)
    return { items, nextCursor: rows.length > limit ? encode(items.at(-1)?.id) : null }
  })
}
