import { and, asc, eq, exists, inArray, sql } from 'drizzle-orm'
import type { CompanyEvent, WatchCompanyInput } from '../../contracts/watching.ts'
import type { Tx } from '../client.ts'
import { executionEvents as events, workflowExecutions as executions } from '../schema/index.ts'

/** A place in a company's events; transaction ids are too large for a number. */
export interface EventPlace {
  transactionId: string
  id: number
}

export interface CompanyLook {
  events: (EventPlace & { event: CompanyEvent })[]
  /** Every transaction before this one has ended: nothing more can appear before it. */
  horizon: string
  /** Events are there already that may not be told yet, for an older transaction is still under way. */
  isHeldBack: boolean
}

const horizon = sql`(select pg_snapshot_xmin(pg_current_snapshot()) as xmin) as horizon`
const xmin = sql<string>`horizon.xmin`

/** How far the events of all companies are complete at this moment. */
export async function findHorizon(tx: Tx): Promise<string> {
  const [row] = await tx.select({ xmin }).from(horizon)
  if (!row) throw new Error('the database told no snapshot')
  return row.xmin
}

/** Events of a company behind a place, in the order of their transactions; only what nothing can come before any more. */
export async function listCompanyEvents(
  tx: Tx,
  filter: WatchCompanyInput,
  after: EventPlace,
  limit: number,
): Promise<CompanyLook> {
  const page = pageOf(tx, filter, after, limit)
  const { transactionId, ...event } = page._.selectedFields
  const rows = await tx
    .select({ horizon: xmin, transactionId, isSettled: sql<boolean | null>`${transactionId} < ${xmin}`, event })
    .from(horizon)
    .leftJoinLateral(page, sql`true`)
    .orderBy(asc(transactionId), asc(event.id))
  const found = rows.flatMap(({ event: one, transactionId: by, isSettled }) =>
    one && by ? [{ event: one, transactionId: by, id: one.id, isSettled }] : [],
  )
  const settled = found.filter(({ isSettled }) => isSettled)
  return { events: settled, horizon: rows[0]?.horizon ?? '0', isHeldBack: settled.length < found.length }
}

function pageOf(tx: Tx, filter: WatchCompanyInput, after: EventPlace, limit: number) {
  const { companyId: _, ...columns } = events
  const { id, executionId, studioId, type, level, message, step, data, transactionId, createdAt } = columns
  return tx
    .select({ id, executionId, studioId, type, level, message, step, data, transactionId, createdAt })
    .from(events)
    .where(
      and(
        eq(events.companyId, filter.companyId),
        sql`(${events.transactionId}, ${events.id}) > (${after.transactionId}::xid8, ${after.id}::bigint)`,
        filter.studioId ? eq(events.studioId, filter.studioId) : undefined,
        filter.executionId ? eq(events.executionId, filter.executionId) : undefined,
        filter.types ? inArray(events.type, filter.types) : undefined,
        filter.templateId ? exists(runsOf(tx, filter.templateId)) : undefined,
      ),
    )
    .orderBy(asc(events.transactionId), asc(events.id))
    .limit(limit)
    .as('page')
}

function runsOf(tx: Tx, templateId: string) {
  return tx
    .select({ id: executions.id })
    .from(executions)
    .where(
      and(
        eq(executions.companyId, events.companyId),
        eq(executions.id, events.executionId),
        eq(executions.templateId, templateId),
      ),
    )
}
