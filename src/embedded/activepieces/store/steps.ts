import { z } from 'zod'
import type { Database } from './database.ts'

export const stepTypes = ['PIECE_TRIGGER', 'EMPTY', 'CODE', 'PIECE', 'LOOP_ON_ITEMS', 'ROUTER'] as const
export const stepStatuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'PAUSED', 'STOPPED'] as const

const stepRow = z.object({
  scope: z.string(),
  name: z.string(),
  position: z.number(),
  type: z.enum(stepTypes),
  status: z.enum(stepStatuses),
  /** JSON text, as the outputs below. */
  input: z.string().nullable(),
  output: z.string().nullable(),
  outputFileId: z.string().nullable(),
  duration: z.number().nullable(),
  errorMessage: z.string().nullable(),
})

export type StepRecord = z.output<typeof stepRow>
export type StepStatus = StepRecord['status']

export function saveStep(database: Database, runId: string, step: StepRecord): void {
  database.run(
    `insert into run_steps (runId, scope, name, position, type, status, input, output, outputFileId, duration, errorMessage)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (runId, scope, name) do update set status = excluded.status,
      input = excluded.input, output = excluded.output, outputFileId = excluded.outputFileId,
      duration = excluded.duration, errorMessage = excluded.errorMessage`,
    runId,
    step.scope,
    step.name,
    step.position,
    step.type,
    step.status,
    step.input,
    step.output,
    step.outputFileId,
    step.duration,
    step.errorMessage,
  )
}

export function listSteps(database: Database, runId: string): StepRecord[] {
  return database.all(stepRow, 'select * from run_steps where runId = ? order by position', runId)
}

export function deleteStep(database: Database, runId: string, scope: string, name: string): void {
  database.run('delete from run_steps where runId = ? and scope = ? and name = ?', runId, scope, name)
}
