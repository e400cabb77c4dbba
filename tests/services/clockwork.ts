import type { OverlapRule } from '../../src/contracts/schedules.ts'
import type { Scope } from '../../src/db/client.ts'
import { createLogger } from '../../src/logger.ts'
import { fireSchedules } from '../../src/services/workflows/fire-schedules.ts'
import { insertRow, type Row } from '../db/support/run.ts'
import { furnish } from '../db/support/tenant.ts'
import { test as base } from '../db/support/two-companies.ts'
import { scheduleRow } from '../db/support/work.ts'

export interface ScheduleFields {
  cron?: string
  timezone?: string
  overlap?: OverlapRule
  input_data?: string
}

interface Decided {
  dueAt: string
  outcome: string
  reason: string | null
  executionId: string | null
}

const isoOf = (moment: unknown) => (moment instanceof Date ? moment.toISOString() : '')

interface Fate {
  /** The worker is killed before it can commit anything. */
  isKilled?: boolean
  /** What others do after a transaction of the worker has failed. */
  meanwhile?(): Promise<unknown>
}

function doomed({ transaction }: Scope, { isKilled, meanwhile }: Fate): Scope['transaction'] {
  return async (work) => {
    try {
      return await transaction(async (tx) => {
        const result = await work(tx)
        if (isKilled) throw new Error('the worker was killed')
        return result
      })
    } catch (error) {
      await meanwhile?.()
      throw error
    }
  }
}

/** `test` with a company whose schedules come due when the test says so; nothing else works on them. */
export const test = base
  .extend('tenant', ({ owner }) => furnish(owner))
  .extend('fire', { scope: 'file' }, ({ clone }) => {
    const database = clone.open({ url: clone.workerUrl, maxConnections: 4 })
    const log = createLogger('silent')
    /** Lets a worker look at the schedules at a moment, until there is nothing more to do. */
    return async (at: string, fate: Fate = {}) => {
      const ctx = { ...database.own, log, now: () => Date.parse(at), transaction: doomed(database.own, fate) }
      while (await fireSchedules(ctx));
    }
  })
  .extend('schedules', ({ owner, tenant }) => {
    const { id: companyId, studioId, templateId, member } = tenant
    const runs = `select id, status, user_id from workflow_executions where company_id = $1 and source = 'schedule'`
    return {
      /** A schedule of the member's that comes due at a moment. */
      async add(nextDueAt: string, fields: ScheduleFields = {}): Promise<string> {
        const row = { ...scheduleRow(companyId, studioId, templateId, member), ...fields, next_due_at: nextDueAt }
        return String((await insertRow(owner, 'workflow_schedules', row))['id'])
      },
      async find(scheduleId: string): Promise<Row> {
        const [row] = await owner('select * from workflow_schedules where id = $1', [scheduleId])
        return { ...row, next_due_at: isoOf(row?.['next_due_at']) }
      },
      /** What became of its due times, oldest first. */
      async occurrences(scheduleId: string): Promise<Decided[]> {
        const rows = await owner(
          'select due_at, outcome, reason, execution_id from schedule_occurrences where schedule_id = $1 order by due_at',
          [scheduleId],
        )
        return rows.map(({ due_at, outcome, reason, execution_id }) => ({
          dueAt: isoOf(due_at),
          outcome: String(outcome),
          reason: reason as string | null,
          executionId: execution_id as string | null,
        }))
      },
      runs: () => owner(`${runs} order by created_at, id`, [companyId]),
      /** Ends every run that schedules of the company have started. */
      async endRuns(): Promise<void> {
        const going = `where company_id = $1 and source = 'schedule' and status in ('pending', 'running')`
        await owner(`update workflow_executions set status = 'running' ${going}`, [companyId])
        await owner(`update workflow_executions set status = 'succeeded' ${going}`, [companyId])
      },
    }
  })
