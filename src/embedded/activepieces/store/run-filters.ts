import { z } from 'zod'
import type { Database } from './database.ts'
import { type Run, selectRuns } from './runs.ts'

export interface RunFilter {
  projectId: string
  flowId?: string[] | undefined
  status?: string[] | undefined
  tags?: string[] | undefined
  flowRunIds?: string[] | undefined
  excludeFlowRunIds?: string[] | undefined
  createdAfter?: string | undefined
  createdBefore?: string | undefined
  failedStepName?: string | undefined
  failedStepMessage?: string | undefined
  includeArchived?: boolean | undefined
}

export interface Position {
  created: string
  id: string
}

/** A row before (`older`) or after (`newer`) the position, in the list's order: newest first. */
export interface Slice {
  limit: number
  from?: { position: Position; towards: 'older' | 'newer' } | undefined
}

const within = (column: string, parameter: string) =>
  `(${parameter} is null or ${column} in (select value from json_each(${parameter})))`

const matching = `projectId = ?1 and environment = 'PRODUCTION' and ${within('flowId', '?2')}
  and ${within('status', '?3')} and ${within('id', '?4')}
  and (?5 is null or id not in (select value from json_each(?5)))
  and (?6 is null or not exists (select 1 from json_each(?6) wanted
    where wanted.value not in (select value from json_each(runs.tags))))
  and (?7 is null or created >= ?7) and (?8 is null or created <= ?8)
  and (?9 is null or failedStep ->> 'name' = ?9) and (?10 is null or failedStep ->> 'message' like ?10)
  and (?11 = 1 or archivedAt is null)`

export function listRuns(database: Database, filter: RunFilter, slice: Slice): Run[] {
  const newer = slice.from?.towards === 'newer'
  const position =
    slice.from === undefined ? '?12 is null and ?13 is null' : `(created, id) ${newer ? '>' : '<'} (?12, ?13)`
  const order = newer ? 'created asc, id asc' : 'created desc, id desc'
  const { created = null, id = null } = slice.from?.position ?? {}
  const where = `where ${matching} and ${position} order by ${order} limit ?14`
  const runs = selectRuns(database, where, ...values(filter), created, id, slice.limit)
  return newer ? runs.reverse() : runs
}

export function selectMatchingRuns(database: Database, filter: RunFilter): Run[] {
  return selectRuns(database, `where ${matching} order by created desc, id desc`, ...values(filter))
}

const statusCount = z.object({ status: z.string(), count: z.number() })

export function countRunsByStatus(database: Database, filter: RunFilter) {
  const sql = `select status, count(*) as count from runs where ${matching} group by status order by status`
  return database.all(statusCount, sql, ...values(filter))
}

function values(filter: RunFilter): (string | number | null)[] {
  const listed = (items: string[] | undefined) => (items === undefined ? null : JSON.stringify(items))
  return [
    filter.projectId,
    listed(filter.flowId),
    listed(filter.status),
    listed(filter.flowRunIds),
    listed(filter.excludeFlowRunIds),
    listed(filter.tags),
    filter.createdAfter ?? null,
    filter.createdBefore ?? null,
    filter.failedStepName ?? null,
    filter.failedStepMessage === undefined ? null : `%${filter.failedStepMessage}%`,
    filter.includeArchived === true ? 1 : 0,
  ]
}
