import { z } from 'zod'
import { id, pageInput, pageOf, timestamp } from './common.ts'
import { insight } from './envelope.ts'

export const listInsightsInput = z.object({
  companyId: id,
  studioId: id.optional(),
  templateId: id.optional(),
  importance: insight.shape.importance.optional(),
  ...pageInput.shape,
})
export type ListInsightsInput = z.infer<typeof listInsightsInput>

/** An insight that a run recorded with the company, and the run it comes from. */
export const recordedInsight = z.object({
  id,
  companyId: id,
  studioId: id,
  executionId: id,
  templateId: id,
  templateName: z.string(),
  insight,
  createdAt: timestamp,
})
export type RecordedInsight = z.infer<typeof recordedInsight>
export const insightPage = pageOf(recordedInsight)
