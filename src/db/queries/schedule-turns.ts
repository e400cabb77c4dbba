import { and, asc, eq, sql } from 'drizzle-orm'
import { endStatuses, priorities } from '../../contracts/executions.ts'
import type { OccurrenceOutcome } from '../../contracts/schedules.ts'
import type { Tx } from '../client.ts'
import {
  workflowExecutions as executions,
  scheduleOccurrences as occurrences,
  workflowSchedules as schedules,
  workflowTemplates as templates,
  workflowTemplateVersions as versions,
} from '../schema/index.ts'

const dueColumns = {
  id: schedules.id,
  companyId: schedules.companyId,
  studioId: schedules.studioId,
  templateId: schedules.templateId,
  userId: schedules.userId,
  cron: schedules.cron,
  timezone: schedules.timezone,
  overlap: schedules.overlap,
  isActive: schedules.isActive,
  nextDueAt: schedules.nextDueAt,
  updatedAt: schedules.updatedAt,
}

/** What the worker needs to know of a schedule to take its turn. */
export type DueSchedule = Pick<typeof schedules.$inferSelect, keyof typeof dueColumns>

const mostAtOnce = 50
const endList = sql.join(
  endStatuses.map((status) => sql`${status}`),
  sql`, `,
)

/** Whether the run that the schedule `s` started last is still going; held runs are. */
const isGoing = sql`coalesce((
  select e.status not in (${endList})
  from schedule_occurrences l join workflow_executions e on e.company_id = l.company_id and e.id = l.execution_id
  where l.company_id = s.company_id and l.schedule_id = s.id and l.execution_id is not null
  order by l.due_at desc limit 1
), false)`

/** Schedules that have come due, or of which an occurrence need wait no longer; those that wait longest first. */
export async function listCalling(tx: Tx, now: string): Promise<string[]> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    select id from (
      select s.id, s.next_due_at as since from workflow_schedules s where s.is_active and s.next_due_at <= ${now}::timestamptz
      union all
      select s.id, o.since
      from (
        select company_id, schedule_id, min(due_at) as since from schedule_occurrences where outcome = 'waiting' group by 1, 2
      ) o
      join workflow_schedules s on s.company_id = o.company_id and s.id = o.schedule_id
      where not s.is_active or not ${isGoing}
    ) calling
    group by id order by min(since) limit ${mostAtOnce}`)
  return rows.map((row) => row.id)
}

/** Holds a schedule until the transaction ends; undefined when it is gone, or when somebody else holds it. */
export async function lockCalling(tx: Tx, scheduleId: string): Promise<DueSchedule | undefined> {
  const rows = await tx
    .select(dueColumns)
    .from(schedules)
    .where(eq(schedules.id, scheduleId))
    .for('no key update', { skipLocked: true })
  return rows[0]
}

export async function findStanding(tx: Tx, { id }: DueSchedule): Promise<{ isGoing: boolean; waiting: number }> {
  const { rows } = await tx.execute<{ is_going: boolean; waiting: number }>(sql`
    select ${isGoing} as is_going, (
      select count(*)::int from schedule_occurrences o
      where o.company_id = s.company_id and o.schedule_id = s.id and o.outcome = 'waiting'
    ) as waiting
    from workflow_schedules s where s.id = ${id}`)
  return { isGoing: rows[0]?.is_going ?? false, waiting: rows[0]?.waiting ?? 0 }
}

const waitingOf = (schedule: DueSchedule) =>
  and(
    eq(occurrences.companyId, schedule.companyId),
    eq(occurrences.scheduleId, schedule.id),
    eq(occurrences.outcome, 'waiting'),
  )

/** Writes what becomes of due times; a time that has its row already keeps it. */
export async function insertOccurrences(
  tx: Tx,
  { companyId, studioId, id: scheduleId }: DueSchedule,
  verdicts: readonly { dueAt: string; outcome: OccurrenceOutcome; reason: string | null }[],
): Promise<void> {
  const rows = verdicts.map((verdict) => ({ companyId, studioId, scheduleId, ...verdict }))
  await tx.insert(occurrences).values(rows).onConflictDoNothing()
}

/** The due time that waits longest, if any. */
export async function findWaiting(tx: Tx, schedule: DueSchedule): Promise<string | undefined> {
  const rows = await tx
    .select({ dueAt: occurrences.dueAt })
    .from(occurrences)
    .where(waitingOf(schedule))
    .orderBy(asc(occurrences.dueAt))
    .limit(1)
  return rows[0]?.dueAt
}

interface Decision {
  outcome: OccurrenceOutcome
  reason?: string
  executionId?: string
}

/** Ends the waiting of one due time, or of all; gives how many waited. */
export async function decideWaiting(
  tx: Tx,
  schedule: DueSchedule,
  decision: Decision,
  dueAt?: string,
): Promise<number> {
  const rows = await tx
    .update(occurrences)
    .set({ ...decision, decidedAt: sql`now()` })
    .where(and(waitingOf(schedule), dueAt === undefined ? undefined : eq(occurrences.dueAt, dueAt)))
    .returning({ dueAt: occurrences.dueAt })
  return rows.length
}

export async function setNextDue(tx: Tx, { id }: DueSchedule, nextDueAt: string): Promise<void> {
  await tx.update(schedules).set({ nextDueAt }).where(eq(schedules.id, id))
}

/** Switches a schedule off, with the reason for people. */
export async function stopSchedule(tx: Tx, { id }: DueSchedule, stoppedReason: string): Promise<void> {
  await tx.update(schedules).set({ isActive: false, nextDueAt: null, stoppedReason }).where(eq(schedules.id, id))
}

export async function findScheduleInput(tx: Tx, { id }: DueSchedule): Promise<Record<string, unknown>> {
  const rows = await tx.select({ input: schedules.inputData }).from(schedules).where(eq(schedules.id, id))
  return rows[0]?.input ?? {}
}

/** The version of a workflow that runs now; undefined when it is withdrawn. */
export async function findCurrentVersion(tx: Tx, templateId: string) {
  const rows = await tx
    .select({ version: templates.version, contentHash: versions.contentHash })
    .from(templates)
    .innerJoin(versions, and(eq(versions.templateId, templates.id), eq(versions.version, templates.version)))
    .where(and(eq(templates.id, templateId), eq(templates.isActive, true)))
  return rows[0]
}

interface ScheduledRun {
  templateVersion: string
  inputData: Record<string, unknown>
  inputHash: string
  filesUsed: NonNullable<(typeof executions.$inferInsert)['filesUsed']>
}

/** Accepts a run in the name of the schedule's person; the database checks their rights of this moment. Gives its id. */
export async function insertScheduledRun(tx: Tx, schedule: DueSchedule, run: ScheduledRun): Promise<string> {
  const { companyId, studioId, templateId, userId } = schedule
  const place = { companyId, studioId, templateId, userId }
  const [inserted] = await tx
    .insert(executions)
    .values({ ...place, ...run, source: 'schedule', priority: priorities.schedule })
    .returning({ id: executions.id })
  if (!inserted) throw new Error('an inserted execution was not returned')
  return inserted.id
}
