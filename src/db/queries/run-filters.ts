import { and, eq, gte, inArray, lt, type SQL, sql } from 'drizzle-orm'
import type { BulkAction, RunFilter } from '../../contracts/bulk.ts'
import { endStatuses, mostRetries } from '../../contracts/executions.ts'
import { workflowExecutions as executions } from '../schema/index.ts'

/** The runs of a company that a filter means. */
export function meantBy(companyId: string, filter: RunFilter): SQL | undefined {
  return and(
    eq(executions.companyId, companyId),
    filter.studioId ? eq(executions.studioId, filter.studioId) : undefined,
    filter.templateId ? eq(executions.templateId, filter.templateId) : undefined,
    filter.status ? eq(executions.status, filter.status) : undefined,
    filter.failureKind ? eq(executions.failureKind, filter.failureKind) : undefined,
    filter.failureGroupId ? eq(executions.failureGroupId, filter.failureGroupId) : undefined,
    filter.source ? eq(executions.source, filter.source) : undefined,
    filter.createdFrom ? gte(executions.createdAt, filter.createdFrom) : undefined,
    filter.createdBefore ? lt(executions.createdAt, filter.createdBefore) : undefined,
    filter.withoutReplay ? isWithoutReplay : undefined,
    filter.executionIds ? inArray(executions.id, filter.executionIds) : undefined,
  )
}

/** No replay speaks for the run: there is none, or it was cancelled. */
export const isWithoutReplay = sql`not exists (
  select from workflow_executions replay
  where replay.company_id = ${executions.companyId} and replay.replay_of = ${executions.id} and replay.status <> 'cancelled')`

/** The run is in a state that the action can be done in. */
export const isApplicable = {
  retry: sql`${executions.status} = 'failed' and ${executions.retryCount} < ${mostRetries}`,
  replay: sql`${inArray(executions.status, [...endStatuses])}`,
  cancel: sql`${inArray(executions.status, ['pending', 'held', 'running', 'paused'])}`,
} satisfies Record<BulkAction, SQL>
