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

/** Of rows of one millisecond, the one that was written last is the newest. */
const newestFirst = 'created desc, rowid desc'

const among = (column: string) => `${column} in (select value from json_each(?))`
const tagged = `id in (select runId from run_tags where tag in (select value from json_each(?1)) group by runId
  having count(*) = (select count(distinct value) from json_each(?1)))`

type Value = string | number
type Condition = [sql: string, value: Value | undefined]

/** Conditions for what the filter names and nothing else, so that an index can be used for them. */
function matching(filter: RunFilter): { sql: string; values: Value[] } {
  const listed = (items: string[] | undefined) => (items === undefined ? undefined : JSON.stringify(items))
  const message = filter.failedStepMessage === undefined ? undefined : `%${filter.failedStepMessage}%`
  // A tag is borne by few runs, but SQLite would rather go through all of a time: a plus keeps a column from its index.
  const indexed = (column: string) => (filter.tags === undefined ? column : `+${column}`)
  const conditions: Condition[] = [
    [tagged, listed(filter.tags)],
    [`${indexed('projectId')} = ?`, filter.projectId],
    [among(indexed('flowId')), listed(filter.flowId)],
    [among('status'), listed(filter.status)],
    [among(indexed('id')), listed(filter.flowRunIds)],
    [`not ${among('id')}`, listed(filter.excludeFlowRunIds)],
    [`${indexed('created')} >= ?`, filter.createdAfter],
    [`${indexed('created')} <= ?`, filter.createdBefore],
    ["failedStep ->> 'name' = ?", filter.failedStepName],
    ["failedStep ->> 'message' like ?", message],
  ]
  const given = conditions.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]))
  const archived = filter.includeArchived === true ? '' : ' and archivedAt is null'
  const sql = `environment = 'PRODUCTION'${archived} and ${given.map((condition) => condition.sql).join(' and ')}`
  return { sql, values: given.map(({ value }) => value) }
}

export function listRuns(database: Database, filter: RunFilter, slice: Slice): Run[] {
  const { sql, values } = matching(filter)
  const newer = slice.from?.towards === 'newer'
  const order = newer ? 'created asc, rowid asc' : newestFirst
  const place = `(?, (select rowid from runs where id = ?))`
  const position = slice.from === undefined ? '' : ` and (created, rowid) ${newer ? '>' : '<'} ${place}`
  const from = slice.from === undefined ? [] : [slice.from.position.created, slice.from.position.id]
  const where = `where ${sql}${position} order by ${order} limit ?`
  const runs = selectRuns(database, where, ...values, ...from, slice.limit)
  return newer ? runs.reverse() : runs
}

export function selectMatchingRuns(database: Database, filter: RunFilter): Run[] {
  const { sql, values } = matching(filter)
  return selectRuns(database, `where ${sql} order by ${newestFirst}`, ...values)
}

const statusCount = z.object({ status: z.string(), count: z.number() })

export function countRunsByStatus(database: Database, filter: RunFilter) {
  const { sql, values } = matching(filter)
  return database.all(
    statusCount,
    `select status, count(*) as count from runs where ${sql} group by status order by status`,
    ...values,
  )
}
