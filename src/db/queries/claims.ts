import { sql } from 'drizzle-orm'
import type { Tx } from '../client.ts'

export interface ClaimLimits {
  /** Runs taken in one go. */
  most: number
  /** Runs that the platform's engine carries out at once. */
  engineMaxRuns: number
  leaseMs: number
  /** A run's deadline is its workflow's estimated duration times this, and never less than the next. */
  deadlineFactor: number
  leastDeadlineMs: number
}

/** Makes waiting runs running, with an attempt each, and leases them to a worker; in the order in which they are to start. */
export async function claimRuns(tx: Tx, workerId: string, limits: ClaimLimits): Promise<string[]> {
  const { rows } = await tx.execute<{ id: string }>(
    sql`select id from app.claim_runs(${workerId}, ${limits.most}, ${limits.engineMaxRuns}, ${Math.ceil(limits.leaseMs / 1000)},
      ${limits.deadlineFactor}, ${Math.ceil(limits.leastDeadlineMs / 1000)}) order by place`,
  )
  return rows.map((row) => row.id)
}

/** Lets some of the held runs go as far as the quota allows, oldest first within a company. Gives how many; 0 once none is left that may. */
export async function releaseHeld(tx: Tx): Promise<number> {
  const { rows } = await tx.execute<{ released: number }>(sql`select app.release_held() as released`)
  return rows[0]?.released ?? 0
}
