import { z } from 'zod'
import { newId } from '../ids.ts'
import { flag } from './columns.ts'
import type { Database } from './database.ts'

const waitpointRow = z.object({
  id: z.string(),
  runId: z.string(),
  step: z.string(),
  kind: z.enum(['DELAY', 'WEBHOOK']),
  resumeAt: z.number().nullable(),
  isUsed: flag,
  created: z.string(),
})
const dueRow = z.object({ resumeAt: z.number().nullable() })

export type Waitpoint = z.output<typeof waitpointRow>

export function insertWaitpoint(database: Database, waitpoint: Omit<Waitpoint, 'id' | 'isUsed'>): string {
  const id = newId()
  database.run(
    'insert into waitpoints (id, runId, step, kind, resumeAt, isUsed, created) values (?, ?, ?, ?, ?, 0, ?)',
    id,
    waitpoint.runId,
    waitpoint.step,
    waitpoint.kind,
    waitpoint.resumeAt,
    waitpoint.created,
  )
  return id
}

export function findWaitpoint(database: Database, runId: string, id: string): Waitpoint | undefined {
  return database.one(waitpointRow, 'select * from waitpoints where runId = ? and id = ?', runId, id)
}

/** Uses the waitpoint up; false when somebody was first. */
export function consumeWaitpoint(database: Database, id: string): boolean {
  return database.run('update waitpoints set isUsed = 1 where id = ? and isUsed = 0', id) > 0
}

/** Ends what the run was waiting on. */
export function closeWaitpointsOfStep(database: Database, runId: string, step: string): void {
  database.run('update waitpoints set isUsed = 1 where runId = ? and step = ? and isUsed = 0', runId, step)
}

export function closeWaitpoints(database: Database, runId: string): void {
  database.run('update waitpoints set isUsed = 1 where runId = ? and isUsed = 0', runId)
}

export function listDueWaitpoints(database: Database, now: number): Waitpoint[] {
  const sql = 'select * from waitpoints where resumeAt is not null and isUsed = 0 and resumeAt <= ? order by resumeAt'
  return database.all(waitpointRow, sql, now)
}

export function findNextDueTime(database: Database): number | undefined {
  const sql = 'select min(resumeAt) as resumeAt from waitpoints where resumeAt is not null and isUsed = 0'
  return database.one(dueRow, sql)?.resumeAt ?? undefined
}
