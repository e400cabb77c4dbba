import type { ListInsightsInput } from '../../contracts/insights.ts'
import { readCursor, toPage } from '../../db/paging.ts'
import * as queries from '../../db/queries/insights.ts'
import type { ServiceContext } from '../context.ts'
import { requireRole } from '../core/access.ts'

/** What runs recorded as worth knowing, newest first, in the studios that the caller may enter. */
export async function listInsights(ctx: ServiceContext, input: ListInsightsInput) {
  const after = readCursor(input.cursor)
  return ctx.read(async (tx) => {
    const rows = await queries.listInsights(tx, input, after)
    if (rows.length === 0) await requireRole(tx, input.companyId, 'viewer')
    return toPage(rows, input.limit, (row) => ({ at: row.createdAt, id: row.id }))
  })
}
