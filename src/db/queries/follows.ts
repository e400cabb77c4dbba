import { and, eq, sql } from 'drizzle-orm'
import type { Tx } from '../client.ts'
import { executionFollows as follows } from '../schema/index.ts'

const later = (ms: number) => sql`now() + make_interval(secs => ${ms / 1000})`

/** A run to look at, and how often it was left for a later look. */
export interface DueRun {
  id: string
  looks: number
}

/** What a worker holds a lock on while it lives. */
export function signOfLife(workerId: string): string {
  return `studios worker ${workerId}`
}

/** Leases to a worker the runs that are due for a look and that no living worker follows. */
export async function leaseDueRuns(tx: Tx, workerId: string, leaseMs: number, most: number): Promise<DueRun[]> {
  const { rows } = await tx.execute<{ execution_id: string; looks: number }>(sql`
    with dead as (
      select w.id from (
        select distinct leased_by as id from execution_follows where leased_by is not null and leased_until >= now()
      ) w
      where pg_try_advisory_xact_lock_shared(hashtextextended(${signOfLife('')} || w.id, 0))
    )
    update execution_follows f set leased_by = ${workerId}, leased_until = ${later(leaseMs)}
    from (
      select company_id, execution_id from execution_follows
      where next_look_at <= now() and (leased_until is null or leased_until < now() or leased_by in (select id from dead))
      order by next_look_at limit ${most} for update skip locked
    ) due
    where f.company_id = due.company_id and f.execution_id = due.execution_id
    returning f.execution_id, f.looks`)
  return rows.map((row) => ({ id: row.execution_id, looks: row.looks }))
}

/** Keeps what a worker follows for a while longer; runs not among those given back have passed to another worker. */
export async function renewLeases(tx: Tx, workerId: string, leaseMs: number): Promise<string[]> {
  const rows = await tx
    .update(follows)
    .set({ leasedUntil: later(leaseMs) })
    .where(eq(follows.leasedBy, workerId))
    .returning({ id: follows.executionId })
  return rows.map((row) => row.id)
}

/**
 * Leaves a run to whichever worker is free when it is due for its next look; false when somebody asked for an earlier look
 * since the last one (`seen` is the time of the next look as that one found it).
 */
export async function parkRun(
  tx: Tx,
  lease: { workerId: string; executionId: string },
  waitMs: number,
  seen: string,
): Promise<boolean> {
  const rows = await tx
    .update(follows)
    .set({ leasedBy: null, leasedUntil: null, nextLookAt: later(waitMs), looks: sql`${follows.looks} + 1` })
    .where(
      and(
        eq(follows.executionId, lease.executionId),
        eq(follows.leasedBy, lease.workerId),
        eq(follows.nextLookAt, seen),
      ),
    )
    .returning({ id: follows.executionId })
  return rows.length === 1
}

/** Gives back everything that a worker follows, so that another goes on with it at once. */
export async function releaseLeases(tx: Tx, workerId: string): Promise<void> {
  await tx
    .update(follows)
    .set({ leasedBy: null, leasedUntil: null, nextLookAt: sql`now()` })
    .where(eq(follows.leasedBy, workerId))
}
