import { z } from 'zod'
import { id, timestamp } from './common.ts'
import { executionSources, executionStatus, failureKinds, retryPoints } from './executions.ts'

export const bulkActions = ['retry', 'replay', 'cancel'] as const
export type BulkAction = (typeof bulkActions)[number]
export const bulkStatuses = ['running', 'finished', 'aborted'] as const
export type BulkStatus = (typeof bulkStatuses)[number]
/** `skipped`: the operation was aborted before its turn. */
export const bulkVerdicts = ['waiting', 'done', 'refused', 'skipped'] as const
export type BulkVerdict = (typeof bulkVerdicts)[number]

/** Which runs are meant; all conditions given have to hold. */
export const runFilter = z.object({
  studioId: id.optional(),
  templateId: id.optional(),
  status: executionStatus.optional(),
  failureKind: z.enum(failureKinds).optional(),
  failureGroupId: id.optional(),
  source: z.enum(executionSources).optional(),
  createdFrom: timestamp.optional(),
  createdBefore: timestamp.optional(),
  executionIds: z.array(id).min(1).max(1000).optional(),
})
export type RunFilter = z.infer<typeof runFilter>

/** `from` is for retries; `input` is laid over each run's own input when it is replayed. */
export const bulkOptions = z.object({
  from: z.enum(retryPoints).optional(),
  input: z.record(z.string(), z.unknown()).optional(),
})
export type BulkOptions = z.infer<typeof bulkOptions>
