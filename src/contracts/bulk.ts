import { z } from 'zod'
import { id, moment, pageInput, pageOf, timestamp } from './common.ts'
import { executionSources, executionStatus, failureKinds, retryPoints } from './executions.ts'

export const bulkActions = ['retry', 'replay', 'cancel'] as const
export type BulkAction = (typeof bulkActions)[number]
export const bulkStatuses = ['running', 'finished', 'aborted'] as const
export type BulkStatus = (typeof bulkStatuses)[number]
/** `skipped`: the operation was aborted before its turn. */
export const bulkVerdicts = ['waiting', 'done', 'refused', 'skipped'] as const
export type BulkVerdict = (typeof bulkVerdicts)[number]

/** One operation takes at most so many runs. */
export const largestBulk = 10_000

/** Which runs are meant; all conditions given have to hold. */
export const runFilter = z.object({
  studioId: id.optional(),
  templateId: id.optional(),
  status: executionStatus.optional(),
  failureKind: z.enum(failureKinds).optional(),
  failureGroupId: id.optional(),
  source: z.enum(executionSources).optional(),
  createdFrom: moment.optional().describe('Started at this moment or later.'),
  createdBefore: moment.optional().describe('Started before this moment.'),
  withoutReplay: z
    .boolean()
    .optional()
    .describe('Leaves out runs that were replayed, unless the replay was cancelled: the replay speaks for them.'),
  executionIds: z.array(id).min(1).max(1000).optional(),
})
export type RunFilter = z.infer<typeof runFilter>

/**
 * `from` is for retries. `input` is laid over each run's own input when it is replayed, property by property; where the workflow
 * takes one of several properties, the one given takes the place of the others: a file that of pasted text.
 */
export const bulkOptions = z.object({
  from: z.enum(retryPoints).optional().describe('For retries; failed_step when left out.'),
  input: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      "For replays; laid over each run's own input, property by property. A file takes the place of pasted text, and the other way round.",
    ),
})
export type BulkOptions = z.infer<typeof bulkOptions>

const action = z.enum(bulkActions)
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER)

export const previewBulkInput = z.object({ companyId: id, action, filter: runFilter })
export type PreviewBulkInput = z.infer<typeof previewBulkInput>

/** `applicable`: runs in a state that the action can be done in at this moment. `largest`: what one operation takes. */
export const bulkPreview = z.object({
  total: count,
  applicable: count,
  byStatus: z.record(executionStatus, count),
  largest: count,
})
export type BulkPreview = z.infer<typeof bulkPreview>

export const startBulkInput = z
  .object({
    companyId: id,
    action,
    filter: runFilter,
    options: bulkOptions.default({}),
    expectedCount: count.optional().describe('The total of a preview; another number of runs by now is a conflict.'),
  })
  .refine(({ options, action: asked }) => !options.from || asked === 'retry', {
    path: ['options', 'from'],
    message: 'is for retries only',
  })
  .refine(({ options, action: asked }) => !options.input || asked === 'replay', {
    path: ['options', 'input'],
    message: 'is for replays only',
  })
export type StartBulkInput = z.infer<typeof startBulkInput>

/** The counts are of the runs that the caller may see. */
export const bulkSummary = z.object({
  id,
  companyId: id,
  userId: id,
  userName: z.string().nullable().describe('null once the person has left the company.'),
  action,
  filter: runFilter.omit({ executionIds: true }),
  status: z.enum(bulkStatuses),
  total: count,
  waiting: count,
  done: count,
  refused: count,
  skipped: count,
  createdAt: timestamp,
  completedAt: timestamp.nullable(),
})
export type BulkSummary = z.infer<typeof bulkSummary>
export const bulkPage = pageOf(bulkSummary)
export const bulkOperation = z.object({ ...bulkSummary.shape, filter: runFilter, options: bulkOptions })
export type BulkOperation = z.infer<typeof bulkOperation>

export const listBulkInput = z.object({ companyId: id, status: z.enum(bulkStatuses).optional(), ...pageInput.shape })
export type ListBulkInput = z.infer<typeof listBulkInput>

export const bulkInput = z.object({ companyId: id, operationId: id })
export type BulkInput = z.infer<typeof bulkInput>

export const listBulkItemsInput = z.object({
  ...bulkInput.shape,
  verdict: z.enum(bulkVerdicts).optional(),
  ...pageInput.shape,
})
export type ListBulkItemsInput = z.infer<typeof listBulkItemsInput>

/** One run of an operation; `message` says why it was refused, or what doing it means. */
export const bulkItem = z.object({
  ordinal: z.int(),
  executionId: id,
  studioId: id,
  verdict: z.enum(bulkVerdicts),
  message: z.string().nullable(),
  newExecutionId: id.nullable().describe('The run that a replay started.'),
  decidedAt: timestamp.nullable(),
})
export type BulkItem = z.infer<typeof bulkItem>
export const bulkItemPage = pageOf(bulkItem)
