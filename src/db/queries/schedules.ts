import { and, eq } from 'drizzle-orm'
import type {
  ListOccurrencesInput,
  ListSchedulesInput,
  Occurrence,
  Schedule,
  ScheduleInput,
  ScheduleSummary,
  UpdateScheduleInput,
} from '../../contracts/schedules.ts'
import type { Tx } from '../client.ts'
import { behind, newestFirst, type Position } from '../paging.ts'
import { workflowTemplates as templates } from '../schema/catalog.ts'
import { scheduleOccurrences as occurrences, workflowSchedules as schedules } from '../schema/schedules.ts'

const shown = {
  id: schedules.id,
  companyId: schedules.companyId,
  studioId: schedules.studioId,
  templateId: schedules.templateId,
  templateName: templates.name,
  name: schedules.name,
  cron: schedules.cron,
  timezone: schedules.timezone,
  overlap: schedules.overlap,
  isActive: schedules.isActive,
  stoppedReason: schedules.stoppedReason,
  nextDueAt: schedules.nextDueAt,
  userId: schedules.userId,
  createdAt: schedules.createdAt,
}

const isIt = ({ companyId, scheduleId }: ScheduleInput) =>
  and(eq(schedules.companyId, companyId), eq(schedules.id, scheduleId))

export function listSchedules(
  tx: Tx,
  filter: ListSchedulesInput,
  after: Position | undefined,
): Promise<ScheduleSummary[]> {
  return tx
    .select(shown)
    .from(schedules)
    .innerJoin(templates, eq(templates.id, schedules.templateId))
    .where(
      and(
        eq(schedules.companyId, filter.companyId),
        filter.studioId ? eq(schedules.studioId, filter.studioId) : undefined,
        filter.templateId ? eq(schedules.templateId, filter.templateId) : undefined,
        filter.isActive === undefined ? undefined : eq(schedules.isActive, filter.isActive),
        behind(after, schedules.createdAt, schedules.id),
      ),
    )
    .orderBy(newestFirst(schedules.createdAt), newestFirst(schedules.id))
    .limit(filter.limit + 1)
}

export async function findScheduleSummary(tx: Tx, key: ScheduleInput): Promise<ScheduleSummary | undefined> {
  const rows = await tx
    .select(shown)
    .from(schedules)
    .innerJoin(templates, eq(templates.id, schedules.templateId))
    .where(isIt(key))
  return rows[0]
}

export async function findSchedule(tx: Tx, key: ScheduleInput): Promise<Omit<Schedule, 'upcoming'> | undefined> {
  const rows = await tx
    .select({ ...shown, input: schedules.inputData })
    .from(schedules)
    .innerJoin(templates, eq(templates.id, schedules.templateId))
    .where(isIt(key))
  return rows[0]
}

/** Gives the id of the new row. */
export async function insertSchedule(tx: Tx, row: typeof schedules.$inferInsert): Promise<string> {
  const [inserted] = await tx.insert(schedules).values(row).returning({ id: schedules.id })
  if (!inserted) throw new Error('an inserted schedule was not returned')
  return inserted.id
}

/** Holds a schedule until the transaction ends, so that it neither fires nor is changed meanwhile. */
export async function lockSchedule(tx: Tx, key: ScheduleInput) {
  const rows = await tx
    .select({
      cron: schedules.cron,
      timezone: schedules.timezone,
      isActive: schedules.isActive,
      nextDueAt: schedules.nextDueAt,
    })
    .from(schedules)
    .where(isIt(key))
    .for('no key update')
  return rows[0]
}

type ScheduleChange = Omit<UpdateScheduleInput, keyof ScheduleInput | 'input'> & {
  inputData?: Record<string, unknown>
  nextDueAt: string | null
}

/** Changes a schedule; in whose name it runs from then on is decided by the database. */
export async function updateSchedule(tx: Tx, key: ScheduleInput, change: ScheduleChange): Promise<void> {
  await tx.update(schedules).set(change).where(isIt(key))
}

/** False when there was none to remove. */
export async function deleteSchedule(tx: Tx, key: ScheduleInput): Promise<boolean> {
  const rows = await tx.delete(schedules).where(isIt(key)).returning({ id: schedules.id })
  return rows.length === 1
}

/** What became of the times at which a schedule came due, newest first. */
export function listOccurrences(
  tx: Tx,
  { companyId, scheduleId, limit }: ListOccurrencesInput,
  after: Position | undefined,
): Promise<Occurrence[]> {
  return tx
    .select({
      dueAt: occurrences.dueAt,
      outcome: occurrences.outcome,
      reason: occurrences.reason,
      executionId: occurrences.executionId,
      decidedAt: occurrences.decidedAt,
    })
    .from(occurrences)
    .where(
      and(
        eq(occurrences.companyId, companyId),
        eq(occurrences.scheduleId, scheduleId),
        behind(after, occurrences.dueAt, occurrences.scheduleId),
      ),
    )
    .orderBy(newestFirst(occurrences.dueAt))
    .limit(limit + 1)
}
