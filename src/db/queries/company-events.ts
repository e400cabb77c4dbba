import { sql } from 'drizzle-orm'
import type { CompanyEvent, WatchCompanyInput } from '../../contracts/watching.ts'
import type { Tx } from '../client.ts'

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

type LookRow = Record<'horizon' | 'transaction_id' | 'created_at', string> & {
  is_settled: boolean
  /** Null in the one row of a look that found nothing. */
  event: Omit<CompanyEvent, 'createdAt'> | null
}

/** How far the events of all companies are complete at this moment. */
export async function findHorizon(tx: Tx): Promise<string> {
  const { rows } = await tx.execute<{ horizon: string }>(
    sql`select pg_snapshot_xmin(pg_current_snapshot())::text as horizon`,
  )
  return rows[0]?.horizon ?? unanswered()
}

/** Events of a company behind a place, in the order of their transactions; only what nothing can come before any more. */
export async function listCompanyEvents(
  tx: Tx,
  filter: WatchCompanyInput,
  after: EventPlace,
  limit: number,
): Promise<CompanyLook> {
  // One fixed text and no query builder: this runs for every watcher at every event.
  const { companyId, studioId = null, executionId = null, templateId = null, types = null } = filter
  const { rows } = await tx.execute<LookRow>(sql`
    select horizon.xmin::text as horizon, page.transaction_id::text, page.transaction_id < horizon.xmin as is_settled,
      page.created_at, case when page.id is not null then json_build_object('id', page.id, 'executionId', page.execution_id,
        'studioId', page.studio_id, 'type', page.type, 'level', page.level, 'message', page.message, 'step', page.step,
        'data', page.data) end as event
    from (select pg_snapshot_xmin(pg_current_snapshot()) as xmin) horizon
    left join lateral (
      select * from execution_events e
      where e.company_id = ${companyId} and (e.transaction_id, e.id) > (${after.transactionId}::xid8, ${after.id}::bigint)
        and (${studioId}::uuid is null or e.studio_id = ${studioId}::uuid)
        and (${executionId}::uuid is null or e.execution_id = ${executionId}::uuid)
        and (${types && JSON.stringify(types)}::jsonb is null or ${types && JSON.stringify(types)}::jsonb ? e.type)
        and (${templateId}::uuid is null or exists (
          select from workflow_executions x
          where x.company_id = e.company_id and x.id = e.execution_id and x.template_id = ${templateId}::uuid))
      order by e.transaction_id, e.id
      limit ${limit}
    ) page on true
    order by page.transaction_id, page.id`)
  const settled = rows.filter((row) => row.is_settled)
  return {
    events: settled.flatMap(toPlaced),
    horizon: rows[0]?.horizon ?? unanswered(),
    isHeldBack: rows.some(({ event, is_settled }) => event !== null && !is_settled),
  }
}

function toPlaced({ event, transaction_id, created_at }: LookRow): CompanyLook['events'] {
  if (!event) return []
  return [
    { transactionId: transaction_id, id: event.id, event: { ...event, createdAt: new Date(created_at).toISOString() } },
  ]
}

function unanswered(): never {
  throw new Error('the database told no snapshot')
}
