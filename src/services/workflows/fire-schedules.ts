import type { Tx } from '../../db/client.ts'
import * as queries from '../../db/queries/schedule-turns.ts'
import { findInputSchema } from '../../db/queries/starts.ts'
import { DomainError } from '../../errors.ts'
import { inputUses, requireFiles } from './file-inputs.ts'
import { checkInput, isSchemaKnown, learnSchema } from './input-check.ts'
import { judge, mostRecorded } from './schedule-overlap.ts'
import { nextTimes, timesBetween } from './schedule-times.ts'
import type { WorkerContext } from './worker-context.ts'

type ClockContext = Pick<WorkerContext, 'read' | 'transaction' | 'now' | 'log'>

/** A run that was not accepted, and the schedule as it was then. */
class StartRefused extends Error {
  readonly reason: string
  readonly seenAt: string

  constructor(cause: DomainError, schedule: queries.DueSchedule) {
    super(cause.message, { cause })
    this.reason = sentenceOf(cause)
    this.seenAt = schedule.updatedAt
  }
}

/**
 * Lets each schedule that has come due, or whose waiting run may go, take its turn in a transaction of its own: every due
 * time gets exactly one occurrence, and at most one run starts. Gives true when a turn was taken, so that there may be more.
 */
export async function fireSchedules(ctx: ClockContext): Promise<boolean> {
  const calling = await ctx.read((tx) => queries.listCalling(tx, new Date(ctx.now()).toISOString()))
  let isTaken = false
  for (const scheduleId of calling) {
    // One that fails, whatever the reason, must not keep the others waiting.
    const taken = await takeTurn(ctx, scheduleId).catch((error: unknown) => {
      ctx.log.warn({ err: error, scheduleId }, 'a schedule could not take its turn and is tried again')
      return false
    })
    isTaken ||= taken
  }
  return isTaken
}

async function takeTurn(ctx: ClockContext, scheduleId: string): Promise<boolean> {
  try {
    return await ctx.transaction((tx) => turn(tx, scheduleId, ctx.now()))
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error
    ctx.log.info({ scheduleId, reason: error.message }, 'a schedule was refused its run and is switched off')
    return ctx.transaction((tx) => turn(tx, scheduleId, ctx.now(), error))
  }
}

async function turn(tx: Tx, scheduleId: string, now: number, refusal?: StartRefused): Promise<boolean> {
  const schedule = await queries.lockCalling(tx, scheduleId)
  if (!schedule) return false
  if (refusal && refusal.seenAt !== schedule.updatedAt) return true
  if (!schedule.isActive) {
    const reason = 'The schedule was switched off before its turn came.'
    return (await queries.decideWaiting(tx, schedule, { outcome: 'skipped', reason })) > 0
  }
  const hasRecorded = await recordDue(tx, schedule, new Date(now))
  const [next] = nextTimes(schedule, new Date(now), 1)
  if (next === undefined)
    return stop(tx, schedule, 'The times of this schedule cannot be told any more; set them anew.')
  const { isGoing } = await queries.findStanding(tx, schedule)
  const dueAt = isGoing ? undefined : await queries.findWaiting(tx, schedule)
  if (dueAt && refusal) return stop(tx, schedule, refusal.reason)
  if (hasRecorded) await queries.setNextDue(tx, schedule, next)
  if (dueAt) await start(tx, schedule, dueAt)
  return hasRecorded || dueAt !== undefined
}

async function recordDue(tx: Tx, schedule: queries.DueSchedule, now: Date): Promise<boolean> {
  const { nextDueAt, overlap } = schedule
  if (nextDueAt === null || new Date(nextDueAt) > now) return false
  const most = mostRecorded[overlap]
  const dues = [nextDueAt, ...timesBetween(schedule, new Date(nextDueAt), now, most)].slice(-most)
  await queries.insertOccurrences(tx, schedule, judge(overlap, dues, await queries.findStanding(tx, schedule)))
  return true
}

async function start(tx: Tx, schedule: queries.DueSchedule, dueAt: string): Promise<void> {
  try {
    const executionId = await queries.insertScheduledRun(tx, schedule, await prepareRun(tx, schedule))
    await queries.decideWaiting(tx, schedule, { outcome: 'started', executionId }, dueAt)
  } catch (error) {
    throw refusalIn(error, schedule) ?? error
  }
}

// Within a transaction the refusals of the database come as the cause of the failed query.
function refusalIn(error: unknown, schedule: queries.DueSchedule): StartRefused | undefined {
  const fault = error instanceof Error && error.cause instanceof DomainError ? error.cause : error
  const isRefusal = fault instanceof DomainError && fault.code !== 'UNAVAILABLE'
  return isRefusal ? new StartRefused(fault, schedule) : undefined
}

async function prepareRun(tx: Tx, schedule: queries.DueSchedule) {
  const current = await queries.findCurrentVersion(tx, schedule.templateId)
  if (!current) throw new DomainError('PRECONDITION_FAILED', 'The workflow is no longer offered.')
  const { version: templateVersion, contentHash } = current
  if (!isSchemaKnown(contentHash)) {
    learnSchema(contentHash, (await findInputSchema(tx, schedule.templateId, templateVersion)) ?? {})
  }
  const { input, hash, files } = checkInput(contentHash, await queries.findScheduleInput(tx, schedule))
  await requireFiles(tx, schedule, files)
  return { templateVersion, inputData: input, inputHash: hash, filesUsed: inputUses(files) }
}

/** Refuses the occurrence whose turn it was, lets the others go, and switches the schedule off. */
async function stop(tx: Tx, schedule: queries.DueSchedule, reason: string): Promise<true> {
  const dueAt = await queries.findWaiting(tx, schedule)
  if (dueAt) await queries.decideWaiting(tx, schedule, { outcome: 'refused', reason }, dueAt)
  await queries.decideWaiting(tx, schedule, { outcome: 'skipped', reason: 'The schedule was switched off.' })
  await queries.stopSchedule(tx, schedule, reason)
  return true
}

function sentenceOf({ issues, message }: DomainError): string {
  const faults = issues.map((issue) => `${issue.path} ${issue.message}`).join('; ')
  return (faults ? `The input no longer suits the workflow: ${faults}.` : message).slice(0, 500)
}
