import { sql } from 'drizzle-orm'
import type { HoldReason } from '../../contracts/executions.ts'
import type { Tx } from '../client.ts'

export interface QueueState {
  running: number
  concurrentLimit: number
  pending: number
  held: number
  usedThisMonth: number
  monthlyLimit: number
  /** How long the company's newest runs took on average; null before the first has ended. */
  meanSeconds: number | null
}

export interface QueuedRow {
  executionId: string
  templateName: string
  status: 'pending' | 'held'
  heldFor: HoldReason | null
  place: number
  createdAt: string
}

/** What a company's waiting runs wait for; undefined when the company is not the caller's. */
export async function findQueueState(tx: Tx, companyId: string): Promise<QueueState | undefined> {
  const { rows } = await tx.execute<Record<keyof QueueState, string | number | null>>(
    sql`select running, concurrent_limit as "concurrentLimit", pending, held, used_this_month as "usedThisMonth",
      monthly_limit as "monthlyLimit", mean_seconds as "meanSeconds" from app.queue_state(${companyId})`,
  )
  const [row] = rows
  if (!row) return undefined
  return {
    running: Number(row.running),
    concurrentLimit: Number(row.concurrentLimit),
    pending: Number(row.pending),
    held: Number(row.held),
    usedThisMonth: Number(row.usedThisMonth),
    monthlyLimit: Number(row.monthlyLimit),
    meanSeconds: row.meanSeconds === null ? null : Number(row.meanSeconds),
  }
}

/** The runs that wait, in the order in which they go; their places count runs that the caller may not see, too. */
export async function listQueued(
  tx: Tx,
  companyId: string,
  executionId: string | undefined,
  limit: number,
): Promise<QueuedRow[]> {
  const only = executionId === undefined ? sql`true` : sql`q.execution_id = ${executionId}::uuid`
  const { rows } = await tx.execute<Record<keyof QueuedRow, string>>(
    sql`select q.execution_id as "executionId", t.name as "templateName", q.status, q.held_for as "heldFor", q.place,
      e.created_at as "createdAt"
    from app.queued_runs(${companyId}) q
    join workflow_executions e on e.id = q.execution_id
    join workflow_templates t on t.id = e.template_id
    where ${only}
    order by q.status desc, q.held_for desc, q.place limit ${limit}`,
  )
  return rows.map((row) => ({
    executionId: row.executionId,
    templateName: row.templateName,
    status: row.status === 'held' ? 'held' : 'pending',
    heldFor:
      row.heldFor === null ? null : row.heldFor === 'person' ? 'person' : row.heldFor === 'quota' ? 'quota' : null,
    place: Number(row.place),
    createdAt: new Date(row.createdAt).toISOString(),
  }))
}
