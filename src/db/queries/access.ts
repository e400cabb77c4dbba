import { and, eq, sql } from 'drizzle-orm'
import type { Role } from '../../contracts/access.ts'
import type { Tx } from '../client.ts'
import { userCompanies } from '../schema/index.ts'

/** Whether the session still counts, and the caller's approved role in a company, if any. */
export async function findStanding(
  tx: Tx,
  companyId: string | null,
): Promise<{ hasSession: boolean; role: Role | undefined }> {
  const caller = sql<string | null>`app.user_id()`
  const held = tx
    .select({ role: userCompanies.role })
    .from(userCompanies)
    .where(
      and(
        eq(userCompanies.companyId, sql`${companyId}::uuid`),
        eq(userCompanies.userId, caller),
        eq(userCompanies.status, 'approved'),
      ),
    )
  const { rows } = await tx.execute<{ user_id: string | null; role: Role | null }>(
    sql`select ${caller} as user_id, (${held}) as role`,
  )
  return { hasSession: Boolean(rows[0]?.user_id), role: rows[0]?.role ?? undefined }
}
