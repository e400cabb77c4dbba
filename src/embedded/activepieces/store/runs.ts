import { z } from 'zod'
import { flag, jsonColumn, nullableJson } from './columns.ts'
import type { Database } from './database.ts'

export const runStatuses = [
  'FAILED',
  'QUOTA_EXCEEDED',
  'INTERNAL_ERROR',
  'PAUSED',
  'QUEUED',
  'RUNNING',
  'SUCCEEDED',
  'MEMORY_LIMIT_EXCEEDED',
  'TIMEOUT',
  'CANCELED',
  'LOG_SIZE_EXCEEDED',
] as const

export type RunStatus = (typeof runStatuses)[number]

export const failedStep = z.object({ name: z.string(), message: z.string(), displayName: z.string() })
export type FailedStep = z.output<typeof failedStep>

const runRow = z.object({
  id: z.string(),
  projectId: z.string(),
  flowId: z.string(),
  flowVersionId: z.string(),
  environment: z.enum(['PRODUCTION', 'TESTING']),
  logsFileId: z.string().nullable(),
  parentRunId: z.string().nullable(),
  failParentOnFailure: flag,
  status: z.enum(runStatuses),
  tags: jsonColumn.pipe(z.array(z.string())),
  startTime: z.string().nullable(),
  finishTime: z.string().nullable(),
  failedStep: nullableJson.pipe(failedStep.nullable()),
  archivedAt: z.string().nullable(),
  stepsCount: z.number(),
  logBytes: z.number(),
  resume: nullableJson,
  earlyResume: nullableJson,
  created: z.string(),
  updated: z.string(),
})

export type Run = z.output<typeof runRow>
export type NewRun = Pick<
  Run,
  | 'id'
  | 'projectId'
  | 'flowId'
  | 'flowVersionId'
  | 'environment'
  | 'parentRunId'
  | 'failParentOnFailure'
  | 'logBytes'
  | 'created'
>
type PatchedColumn =
  | 'flowVersionId'
  | 'logsFileId'
  | 'status'
  | 'startTime'
  | 'finishTime'
  | 'archivedAt'
  | 'stepsCount'
  | 'logBytes'
export type RunPatch = Partial<Pick<Run, PatchedColumn>> & {
  tags?: string[]
  failedStep?: FailedStep | null
  resume?: unknown
  earlyResume?: unknown
}

const nextPosition = '(select coalesce(max(queuePosition), 0) + 1 from runs where queuePosition is not null)'

export function insertRun(database: Database, run: NewRun): void {
  database.run(
    `insert into runs (id, projectId, flowId, flowVersionId, environment, parentRunId, failParentOnFailure, status, tags,
      stepsCount, logBytes, queuePosition, created, updated)
      values (?, ?, ?, ?, ?, ?, ?, 'QUEUED', '[]', 0, ?, ${nextPosition}, ?, ?)`,
    run.id,
    run.projectId,
    run.flowId,
    run.flowVersionId,
    run.environment,
    run.parentRunId,
    Number(run.failParentOnFailure),
    run.logBytes,
    run.created,
    run.created,
  )
}

export function findRun(database: Database, runId: string): Run | undefined {
  return database.one(runRow, 'select * from runs where id = ?', runId)
}

export function selectRuns(database: Database, where: string, ...params: (string | number | null)[]): Run[] {
  return database.all(runRow, `select * from runs ${where}`, ...params)
}

/** Writes what the patch names; a patch with a `from` does nothing to a run in any other state. */
export function updateRun(
  database: Database,
  runId: string,
  patch: RunPatch,
  updated: string,
  from?: RunStatus[],
): boolean {
  const columns = Object.keys(patch)
  const values = Object.values(patch).map(sqlValue)
  const sets = columns.map((column) => `${column} = ?, `).join('')
  const guard = from === undefined ? '' : ' and status in (select value from json_each(?))'
  const params = [...values, updated, runId, ...(from === undefined ? [] : [JSON.stringify(from)])]
  return database.run(`update runs set ${sets}updated = ? where id = ?${guard}`, ...params) > 0
}

/** Puts a run at the end of the queue. */
export function enqueueRun(database: Database, runId: string): void {
  database.run(`update runs set queuePosition = ${nextPosition} where id = ?`, runId)
}

export function dequeueRun(database: Database, runId: string): void {
  database.run('update runs set queuePosition = null where id = ?', runId)
}

/** Takes the next waiting run for a worker. */
export function claimRun(database: Database, logsFileId: string, updated: string): Run | undefined {
  return database.one(
    runRow,
    `update runs set queuePosition = null, status = 'RUNNING', logsFileId = coalesce(logsFileId, ?), updated = ?
      where id = (select id from runs where queuePosition is not null order by queuePosition limit 1) returning *`,
    logsFileId,
    updated,
  )
}

/** Runs that were executing when the process ended go back to the queue, ahead of the others. */
export function requeueInterrupted(database: Database): number {
  return database.run("update runs set queuePosition = 0 where status = 'RUNNING' and queuePosition is null")
}

function sqlValue(value: unknown): string | number | null {
  if (value === undefined || value === null) return null
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value)
}
