import { z } from 'zod'
import { id } from './common.ts'
import { eventTypes, executionEvent } from './executions.ts'

/**
 * A place in the order of a company's events: the transaction that wrote an event, and the event's id. Ids alone would not
 * do: of two runs, the event with the higher id may be there first.
 */
const place = z
  .string()
  .max(36)
  .regex(/^\d{1,19}-\d{1,15}$/, 'must be the id of an event that this watch gave out')

/**
 * Watches all runs of a company that the caller may see, or those of one studio, workflow or run, or events of some types.
 * `lastEventId`: go on after this place; without it the watch begins now.
 */
export const watchCompanyInput = z.object({
  companyId: id,
  studioId: id.optional(),
  templateId: id.optional(),
  executionId: id.optional(),
  types: z.array(z.enum(eventTypes)).min(1).max(eventTypes.length).optional(),
  lastEventId: place.optional().describe('Resume after this event.'),
})
export type WatchCompanyInput = z.infer<typeof watchCompanyInput>

const companyEvent = z.object({ ...executionEvent.shape, studioId: id })
export type CompanyEvent = z.infer<typeof companyEvent>

/**
 * What a watch of a company gives: an event, or `position`, which says nothing but how far the watch has come. A watch begins
 * with a position, so that somebody cut off before the first event still resumes without a gap.
 */
const companyWatchItem = z.union([companyEvent, z.object({ type: z.literal('position') })])
export type CompanyWatchItem = z.infer<typeof companyWatchItem>
