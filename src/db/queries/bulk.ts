import { and, asc, count, eq, getTableColumns, gt, sql } from 'drizzle-orm'
import type {
  BulkInput,
  BulkItem,
  BulkOperation,
  BulkSummary,
  BulkVerdict,
  ListBulkInput,
  ListBulkItemsInput,
  PreviewBulkInput,
  StartBulkInput,
} from '../../contracts/bulk.ts'
import type { ExecutionStatus } from '../../contracts/executions.ts'
import type { Tx } from '../client.ts'
import { behind, newestFirst, type Position } from '../paging.ts'
import {
  workflowExecutions as executions,
  bulkItems as items,
  bulkOperations as operations,
  userProfiles,
} from '../schema/index.ts'
import { isApplicable, meantBy } from './run-filters.ts'

/** How many runs a filter means in each status, and how many of them the action can be done to. */
export function countRuns(
  tx: Tx,
  { companyId, action, filter }: PreviewBulkInput,
): Promise<{ status: ExecutionStatus; runs: number; applicable: number }[]> {
  const applicable = sql<number>`count(*) filter (where ${isApplicable[action]})::int`
  return tx
    .select({ status: executions.status, runs: count(), applicable })
    .from(executions)
    .where(meantBy(companyId, filter))
    .groupBy(executions.status)
}

export type NewOperation = Omit<StartBulkInput, 'expectedCount'> & { userId: string }

/** Writes an operation with the runs that its filter means, oldest first; of more than `most` only so many and one. */
export async function insertOperation(
  tx: Tx,
  { companyId, userId, action, filter, options }: NewOperation,
  most: number,
): Promise<{ id: string; total: number }> {
  const chosen = tx
    .select({ id: executions.id, studioId: executions.studioId, createdAt: executions.createdAt })
    .from(executions)
    .where(meantBy(companyId, filter))
    .orderBy(newestFirst(executions.createdAt), newestFirst(executions.id))
    .limit(most + 1)
  const { rows } = await tx.execute<{ id: string; total: number }>(sql`
    with chosen as materialized ${chosen},
    operation as (
      insert into bulk_operations (company_id, user_id, action, filter, options, total)
      select ${companyId}::uuid, ${userId}::uuid, ${action}, ${JSON.stringify(filter)}::jsonb, ${JSON.stringify(options)}::jsonb,
        (select count(*) from chosen)
      returning id, total
    ), captured as (
      insert into bulk_items (company_id, operation_id, ordinal, execution_id, studio_id)
      select ${companyId}::uuid, o.id, row_number() over (order by c.created_at, c.id), c.id, c.studio_id
      from chosen c, operation o
    )
    select id, total from operation`)
  const [row] = rows
  if (!row) throw new Error('an inserted bulk operation was not returned')
  return row
}

const shown = {
  id: operations.id,
  companyId: operations.companyId,
  userId: operations.userId,
  userName: userProfiles.fullName,
  action: operations.action,
  filter: sql<BulkSummary['filter']>`${operations.filter} - 'executionIds'`,
  status: operations.status,
  createdAt: operations.createdAt,
  completedAt: operations.completedAt,
}

/** An operation's runs that the caller may see, counted by verdict. */
function countedItems(tx: Tx) {
  const verdicts = (verdict: BulkVerdict) =>
    sql<number>`count(*) filter (where ${items.verdict} = ${verdict})::int`.as(`items_${verdict}`)
  return tx
    .select({
      total: sql<number>`count(*)::int`.as('items_total'),
      waiting: verdicts('waiting'),
      done: verdicts('done'),
      refused: verdicts('refused'),
      skipped: verdicts('skipped'),
    })
    .from(items)
    .where(and(eq(items.companyId, operations.companyId), eq(items.operationId, operations.id)))
    .as('counted')
}

type Counted = ReturnType<typeof countedItems>

const progressOf = ({ total, waiting, done, refused, skipped }: Counted) => ({ total, waiting, done, refused, skipped })

/** Newest first; operations of whose runs the caller sees none are left out. */
export function listOperations(tx: Tx, input: ListBulkInput, after: Position | undefined): Promise<BulkSummary[]> {
  const counted = countedItems(tx)
  return tx
    .select({ ...shown, ...progressOf(counted) })
    .from(operations)
    .leftJoin(userProfiles, eq(userProfiles.id, operations.userId))
    .crossJoinLateral(counted)
    .where(
      and(
        eq(operations.companyId, input.companyId),
        input.status ? eq(operations.status, input.status) : undefined,
        behind(after, operations.createdAt, operations.id),
        gt(counted.total, 0),
      ),
    )
    .orderBy(newestFirst(operations.createdAt), newestFirst(operations.id))
    .limit(input.limit + 1)
}

/** Undefined also where the caller sees none of the operation's runs. */
export async function findOperation(tx: Tx, { companyId, operationId }: BulkInput): Promise<BulkOperation | undefined> {
  const counted = countedItems(tx)
  const rows = await tx
    .select({ ...shown, ...progressOf(counted), filter: operations.filter, options: operations.options })
    .from(operations)
    .leftJoin(userProfiles, eq(userProfiles.id, operations.userId))
    .crossJoinLateral(counted)
    .where(and(eq(operations.companyId, companyId), eq(operations.id, operationId), gt(counted.total, 0)))
  return rows[0]
}

/** In the order of the runs' turns, those behind `after`. */
export function listItems(tx: Tx, input: ListBulkItemsInput, after: number): Promise<BulkItem[]> {
  const { companyId: _, operationId: __, ...columns } = getTableColumns(items)
  return tx
    .select(columns)
    .from(items)
    .where(
      and(
        eq(items.companyId, input.companyId),
        eq(items.operationId, input.operationId),
        input.verdict ? eq(items.verdict, input.verdict) : undefined,
        gt(items.ordinal, after),
      ),
    )
    .orderBy(asc(items.ordinal))
    .limit(input.limit + 1)
}

/** False when the operation was not running any more; the database skips the runs that wait. */
export async function abortOperation(tx: Tx, { companyId, operationId }: BulkInput): Promise<boolean> {
  const rows = await tx
    .update(operations)
    .set({ status: 'aborted' })
    .where(and(eq(operations.companyId, companyId), eq(operations.id, operationId), eq(operations.status, 'running')))
    .returning({ id: operations.id })
  return rows.length === 1
}
