import { and, eq, inArray, lte, sql } from 'drizzle-orm'
import type { Tx } from '../client.ts'
import { fileRemovals } from '../schema/index.ts'

/** As the columns have it: they round to milliseconds, up as well as down, and what is due now must not seem to lie ahead. */
const present = sql`now()::timestamptz(3)`

/**
 * Paths of bytes that are to be removed now, for this worker alone. Each try is put down beforehand: should it fail, or its
 * worker die, the next one follows after one minute, two, four, and at last once a day.
 */
export async function takeRemovals(tx: Tx, most: number): Promise<string[]> {
  const { rows } = await tx.execute<{ path: string }>(sql`
    update file_removals r
    set attempts = r.attempts + 1, not_before = now() + least(interval '1 minute' * power(2, least(r.attempts, 20)), interval '1 day')
    from (
      select company_id, supabase_path from file_removals where not_before <= ${present}
      order by not_before limit ${most} for update skip locked
    ) due
    where r.company_id = due.company_id and r.supabase_path = due.supabase_path
    returning r.supabase_path as path`)
  return rows.map(({ path }) => path)
}

/** Strikes off bytes that were removed now; where some may come again they are looked for in a quarter of an hour. */
export async function settleRemovals(tx: Tx, paths: string[]): Promise<void> {
  const isOne = inArray(fileRemovals.supabasePath, paths)
  await tx.delete(fileRemovals).where(and(isOne, lte(fileRemovals.watchedUntil, present)))
  const next = sql`least(now() + interval '15 minutes', ${fileRemovals.watchedUntil})`
  await tx.update(fileRemovals).set({ attempts: 0, notBefore: next }).where(isOne)
}

/** Has bytes that are about to be stored removed in an hour, unless they are claimed before. */
export async function insertRemoval(tx: Tx, companyId: string, supabasePath: string): Promise<void> {
  await tx.insert(fileRemovals).values({ companyId, supabasePath, notBefore: sql`now() + interval '1 hour'` })
}

/** Keeps bytes from being removed; false when their hour is over, so that they may be gone. */
export async function claimBytes(tx: Tx, companyId: string, supabasePath: string): Promise<boolean> {
  const rows = await tx
    .delete(fileRemovals)
    .where(and(ofPath(companyId, supabasePath), eq(fileRemovals.attempts, 0)))
    .returning({ path: fileRemovals.supabasePath })
  return rows.length === 1
}

/** Has bytes that nobody will claim removed at the next turn. */
export async function hastenRemoval(tx: Tx, companyId: string, supabasePath: string): Promise<void> {
  await tx
    .update(fileRemovals)
    .set({ notBefore: sql`now()` })
    .where(and(ofPath(companyId, supabasePath), eq(fileRemovals.attempts, 0)))
}

function ofPath(companyId: string, supabasePath: string) {
  return and(eq(fileRemovals.companyId, companyId), eq(fileRemovals.supabasePath, supabasePath))
}
