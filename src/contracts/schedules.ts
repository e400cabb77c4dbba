import { z } from 'zod'
import { id, line, pageInput, pageOf, timestamp } from './common.ts'

/** What happens when a schedule comes due while its last run is still going. */
export const overlapRules = ['skip', 'queue', 'coalesce'] as const
export type OverlapRule = (typeof overlapRules)[number]

/** `waiting`: due, but the run before it is still going. `coalesced`: an earlier waiting one stands for it. */
export const occurrenceOutcomes = ['waiting', 'started', 'skipped', 'coalesced', 'refused'] as const
export type OccurrenceOutcome = (typeof occurrenceOutcomes)[number]

/** The least time between two occurrences of a schedule. */
export const leastMinutesApart = 5

/** How many of the next times a schedule shows. */
export const shownTimes = 5

const overlap = z
  .enum(overlapRules)
  .describe(
    'When the last run is still going: skip leaves the occurrence out, queue starts it afterwards, coalesce starts one run for all that came due meanwhile.',
  )

const cron = z
  .string()
  .trim()
  .max(100)
  .regex(
    /^\S+(?: +\S+){4}$/,
    'must have five fields: minute, hour, day of month, month and day of week; seconds are not taken',
  )
  .describe(`Minute, hour, day of month, month, day of week; at least ${leastMinutesApart} minutes apart.`)

const timezone = z
  .string()
  .trim()
  .max(64)
  .refine(isTimeZone, 'must be the IANA name of a time zone, such as Europe/Berlin')
  .describe('IANA name. A time that the clock leaves out comes at the end of the gap, a repeated one comes once.')

function isTimeZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat
  } catch {
    return false
  }
}

const input = z.record(z.string(), z.unknown()).describe("What the workflow's inputSchema asks for, at each run.")

export const createScheduleInput = z.object({
  studioId: id,
  templateId: id,
  name: line(3, 100),
  cron,
  timezone,
  input,
  overlap: overlap.default('skip'),
  isActive: z.boolean().default(true),
})
export type CreateScheduleInput = z.infer<typeof createScheduleInput>

export const scheduleInput = z.object({ companyId: id, scheduleId: id })
export type ScheduleInput = z.infer<typeof scheduleInput>

export const updateScheduleInput = z.object({
  ...scheduleInput.shape,
  name: createScheduleInput.shape.name.optional(),
  cron: cron.optional(),
  timezone: timezone.optional(),
  input: input.optional(),
  overlap: overlap.optional(),
  isActive: z.boolean().optional().describe('true goes on with the next time from now.'),
})
export type UpdateScheduleInput = z.infer<typeof updateScheduleInput>

export const listSchedulesInput = z.object({
  companyId: id,
  studioId: id.optional(),
  templateId: id.optional(),
  isActive: z.boolean().optional(),
  ...pageInput.shape,
})
export type ListSchedulesInput = z.infer<typeof listSchedulesInput>

/**
 * A workflow that runs by the clock, in the name of `userId`: whoever set it up, or last changed when or with what it
 * runs. `stoppedReason` says why the service switched it off.
 */
export const scheduleSummary = z.object({
  id,
  companyId: id,
  studioId: id,
  templateId: id,
  templateName: z.string(),
  name: z.string(),
  cron: z.string(),
  timezone: z.string(),
  overlap: z.enum(overlapRules),
  isActive: z.boolean(),
  stoppedReason: z.string().nullable(),
  nextDueAt: timestamp.nullable(),
  userId: id,
  createdAt: timestamp,
})
export type ScheduleSummary = z.infer<typeof scheduleSummary>
export const schedulePage = pageOf(scheduleSummary)

/** One schedule with its input and the next five times at which it comes due; none while it is switched off. */
export const schedule = z.object({
  ...scheduleSummary.shape,
  input: z.record(z.string(), z.unknown()),
  upcoming: z.array(timestamp),
})
export type Schedule = z.infer<typeof schedule>

export const listOccurrencesInput = z.object({ ...scheduleInput.shape, ...pageInput.shape })
export type ListOccurrencesInput = z.infer<typeof listOccurrencesInput>

/** A time at which a schedule came due, and what was done about it; `executionId` is the run that it started. */
export const occurrence = z.object({
  dueAt: timestamp,
  outcome: z.enum(occurrenceOutcomes),
  reason: z.string().nullable(),
  executionId: id.nullable(),
  decidedAt: timestamp,
})
export type Occurrence = z.infer<typeof occurrence>
export const occurrencePage = pageOf(occurrence)
