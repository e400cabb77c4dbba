import type { ExecutionQueue, ExecutionQueueInput } from '../../contracts/executions.ts'
import * as queries from '../../db/queries/queue.ts'
import type { ServiceContext } from '../context.ts'
import { requireRole } from '../core/access.ts'

/** What a company's runs wait for, the place of each and when it is expected to start. */
export async function executionQueue(ctx: ServiceContext, input: ExecutionQueueInput): Promise<ExecutionQueue> {
  return ctx.read(async (tx) => {
    await requireRole(tx, input.companyId, 'viewer')
    const [found, rows] = await Promise.all([
      queries.findQueueState(tx, input.companyId),
      queries.listQueued(tx, input.companyId, input.executionId, input.limit),
    ])
    const { meanSeconds, ...state } = found ?? empty
    const now = new Date()
    const items = rows.map((row) => ({ ...row, expectedStartAt: expectedStart(row, { ...state, meanSeconds }, now) }))
    return { ...state, items }
  })
}

const empty: queries.QueueState = {
  running: 0,
  concurrentLimit: 0,
  pending: 0,
  held: 0,
  usedThisMonth: 0,
  monthlyLimit: 0,
  meanSeconds: null,
}

/** When a waiting run is expected to start. */
export function expectedStart(
  row: Pick<queries.QueuedRow, 'heldFor' | 'place'>,
  state: Omit<queries.QueueState, 'pending' | 'held'>,
  now: Date,
): string | null {
  if (row.heldFor === 'person') return null
  if (row.heldFor === 'quota') return expectedRelease(row.place, state, now)
  if (state.concurrentLimit === 0) return null
  const free = state.concurrentLimit - state.running
  const rounds = Math.max(0, Math.ceil((row.place - free) / state.concurrentLimit))
  if (rounds > 0 && state.meanSeconds === null) return null
  return new Date(now.getTime() + rounds * (state.meanSeconds ?? 0) * 1000).toISOString()
}

// What is told of a time further away is no estimate.
const mostMonths = 120

// The quota begins anew with the month (UTC).
function expectedRelease(
  place: number,
  { monthlyLimit, usedThisMonth }: Pick<queries.QueueState, 'monthlyLimit' | 'usedThisMonth'>,
  now: Date,
): string | null {
  if (monthlyLimit === 0) return null
  const free = Math.max(0, monthlyLimit - usedThisMonth)
  const months = Math.max(0, Math.ceil((place - free) / monthlyLimit))
  if (months > mostMonths) return null
  if (months === 0) return now.toISOString()
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months)).toISOString()
}
