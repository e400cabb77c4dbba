import type {
  CreateScheduleInput,
  ListOccurrencesInput,
  ListSchedulesInput,
  Schedule,
  ScheduleInput,
  ScheduleSummary,
  UpdateScheduleInput,
} from '../../contracts/schedules.ts'
import { shownTimes } from '../../contracts/schedules.ts'
import type { Tx } from '../../db/client.ts'
import { readCursor, toPage } from '../../db/paging.ts'
import * as queries from '../../db/queries/schedules.ts'
import { notFound } from '../../errors.ts'
import type { ServiceContext } from '../context.ts'
import { missing, requireRole } from '../core/access.ts'
import { requireFiles } from './file-inputs.ts'
import { checkInput } from './input-check.ts'
import { checkTimes, nextTimes, type Times } from './schedule-times.ts'
import { findStart } from './starts.ts'

/**
 * Sets a workflow to run by the clock in the caller's name, with the rights that the caller has at each run.
 * @throws {DomainError} BAD_REQUEST for times or an input that cannot be or a file that the caller may not read, QUOTA_EXCEEDED when the company has a hundred
 * schedules, PRECONDITION_FAILED in an archived studio or a suspended company, FORBIDDEN for viewers.
 */
export async function createSchedule(ctx: ServiceContext, request: CreateScheduleInput): Promise<ScheduleSummary> {
  const { input: inputData, isActive, ...row } = request
  const { companyId, contentHash } = await findStart(ctx, request)
  checkTimes(request)
  const { files } = checkInput(contentHash, inputData)
  const nextDueAt = isActive ? nextFromNow(request) : null
  const userId = ctx.caller.userId
  return ctx.transaction(async (tx) => {
    await requireFiles(tx, { companyId }, files)
    const scheduleId = await queries.insertSchedule(tx, { ...row, companyId, inputData, isActive, nextDueAt, userId })
    return getSummary(tx, { companyId, scheduleId })
  })
}

/** Schedules of a company, newest first, in the studios that the caller may enter. */
export async function listSchedules(ctx: ServiceContext, input: ListSchedulesInput) {
  const after = readCursor(input.cursor)
  return ctx.read(async (tx) => {
    const rows = await queries.listSchedules(tx, input, after)
    if (rows.length === 0) await requireRole(tx, input.companyId, 'viewer')
    return toPage(rows, input.limit, (row) => ({ at: row.createdAt, id: row.id }))
  })
}

/** One schedule with its input and the next times at which it comes due. */
export async function findSchedule(ctx: ServiceContext, key: ScheduleInput): Promise<Schedule> {
  const found = await ctx.read(
    async (tx) => (await queries.findSchedule(tx, key)) ?? missing(tx, 'schedule', key.scheduleId),
  )
  const { nextDueAt } = found
  const upcoming = nextDueAt === null ? [] : [nextDueAt, ...nextTimes(found, new Date(nextDueAt), shownTimes - 1)]
  return { ...found, upcoming }
}

/**
 * Changes what was given. Whoever changes when or with what it runs, or switches it on, is the one in whose name it runs.
 * Switching on goes on with the next time from now.
 * @throws {DomainError} BAD_REQUEST for times or an input that cannot be, PRECONDITION_FAILED when switched on in an
 * archived studio or a suspended company, NOT_FOUND also when the workflow is withdrawn, FORBIDDEN for viewers.
 */
export async function updateSchedule(ctx: ServiceContext, request: UpdateScheduleInput): Promise<ScheduleSummary> {
  const { companyId, scheduleId, input: inputData, ...change } = request
  const key = { companyId, scheduleId }
  const found = await findForChange(ctx, key)
  checkTimes(timesAfter(found, change))
  if (inputData || (change.isActive && !found.isActive)) {
    const { contentHash } = await findStart(ctx, found)
    const { files } = checkInput(contentHash, inputData ?? found.input)
    await ctx.read((tx) => requireFiles(tx, { companyId }, files))
  }
  return ctx.transaction(async (tx) => {
    const current = (await queries.lockSchedule(tx, key)) ?? notFound('schedule', scheduleId)
    const nextDueAt = nextDueAfter(current, change)
    await queries.updateSchedule(tx, key, { ...change, ...(inputData && { inputData }), nextDueAt })
    return getSummary(tx, key)
  })
}

/** Removes a schedule with the record of its occurrences; the runs that it started stay. */
export async function removeSchedule(ctx: ServiceContext, key: ScheduleInput): Promise<ScheduleInput> {
  await findForChange(ctx, key)
  return ctx.transaction(async (tx) =>
    (await queries.deleteSchedule(tx, key)) ? key : notFound('schedule', key.scheduleId),
  )
}

/** What became of the times at which a schedule came due, newest first. */
export async function listOccurrences(ctx: ServiceContext, input: ListOccurrencesInput) {
  const after = readCursor(input.cursor)
  return ctx.read(async (tx) => {
    const rows = await queries.listOccurrences(tx, input, after)
    if (rows.length === 0) await getSummary(tx, input)
    return toPage(rows, input.limit, (row) => ({ at: row.dueAt, id: input.scheduleId }))
  })
}

async function findForChange(ctx: ServiceContext, key: ScheduleInput) {
  return ctx.read(async (tx) => {
    const found = (await queries.findSchedule(tx, key)) ?? (await missing(tx, 'schedule', key.scheduleId))
    await requireRole(tx, key.companyId, 'member')
    return found
  })
}

async function getSummary(tx: Tx, key: ScheduleInput): Promise<ScheduleSummary> {
  return (await queries.findScheduleSummary(tx, key)) ?? missing(tx, 'schedule', key.scheduleId)
}

type Current = NonNullable<Awaited<ReturnType<typeof queries.lockSchedule>>>
type Change = Omit<UpdateScheduleInput, keyof ScheduleInput>

// A time that has come already is the worker's to decide about, whatever is changed.
function nextDueAfter(current: Current, change: Change): string | null {
  const times = timesAfter(current, change)
  if (!(change.isActive ?? current.isActive)) return null
  if (!current.isActive || current.nextDueAt === null) return nextFromNow(times)
  const isSame = times.cron === current.cron && times.timezone === current.timezone
  return isSame || new Date(current.nextDueAt) <= new Date() ? current.nextDueAt : nextFromNow(times)
}

function timesAfter(current: Times, change: Change): Times {
  return { cron: change.cron ?? current.cron, timezone: change.timezone ?? current.timezone }
}

function nextFromNow(times: Times): string | null {
  return nextTimes(times, new Date(), 1)[0] ?? null
}
