import { z } from 'zod'
import { id, pageInput, pageOf, timestamp } from './common.ts'
import { executionStatus, failureKinds } from './executions.ts'

export const groupStates = ['open', 'resolved', 'ignored'] as const
export type GroupState = (typeof groupStates)[number]
const groupState = z
  .enum(groupStates)
  .describe('open: to be looked at; resolved: opens again with the next failure; ignored: stays so.')

export const listAttentionInput = z.object({
  companyId: id,
  state: groupState.optional(),
  studioId: id.optional(),
  templateId: id.optional(),
  ownerId: id.optional(),
  ...pageInput.shape,
})
export type ListAttentionInput = z.infer<typeof listAttentionInput>

export const attentionInput = z.object({ companyId: id, groupId: id })
export type AttentionInput = z.infer<typeof attentionInput>

export const updateAttentionInput = z.object({
  ...attentionInput.shape,
  state: groupState.optional(),
  ownerId: id.nullable().optional().describe('A member of the company who may enter the studio; null for nobody.'),
})
export type UpdateAttentionInput = z.infer<typeof updateAttentionInput>

export const replayAllInput = z.object({
  ...attentionInput.shape,
  expectedCount: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('What `open` said; another number of runs by now is a conflict.'),
})
export type ReplayAllInput = z.infer<typeof replayAllInput>

/**
 * Runs of one studio and workflow that failed for the same reason. `failures` counts them all, `open` those that are
 * failed at this moment and were not replayed: a replay speaks for its run unless it was cancelled.
 */
export const failureGroup = z.object({
  id,
  companyId: id,
  studioId: id,
  templateId: id,
  templateName: z.string(),
  step: z.string().nullable(),
  stepTitle: z
    .string()
    .nullable()
    .describe('As the workflow calls the step; null for a step that it does not explain.'),
  failureKind: z.enum(failureKinds).nullable(),
  message: z.string().describe("The newest failure's message."),
  failures: z.int(),
  open: z.int(),
  firstAt: timestamp,
  lastAt: timestamp,
  state: groupState,
  ownerId: id.nullable(),
  ownerName: z.string().nullable().describe('null without an owner, and once the owner has left the company.'),
  changedAt: timestamp.nullable().describe('When state or owner were last changed.'),
})
export type FailureGroup = z.infer<typeof failureGroup>
export const attentionPage = pageOf(failureGroup)

/** A run of the group that is failed at this moment; `replay` is its newest replay that was not cancelled. */
export const failedRun = z.object({
  id,
  userId: id,
  message: z.string().nullable(),
  retryCount: z.int(),
  createdAt: timestamp,
  completedAt: timestamp.nullable(),
  replay: z.object({ id, status: executionStatus }).nullable(),
})
export type FailedRun = z.infer<typeof failedRun>

/** `runs`: the newest 20. */
export const attentionGroup = z.object({ ...failureGroup.shape, runs: z.array(failedRun) })
export type AttentionGroup = z.infer<typeof attentionGroup>
