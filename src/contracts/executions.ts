import { z } from 'zod'
import { id, line, pageInput, pageOf, paragraph, timestamp } from './common.ts'
import { envelope, insight } from './envelope.ts'

export const executionStatuses = ['pending', 'held', 'running', 'paused', 'succeeded', 'failed', 'cancelled'] as const
export const executionStatus = z.enum(executionStatuses)
export type ExecutionStatus = z.infer<typeof executionStatus>

/** Legal moves of an execution (DATA-MODEL, "State tables"). */
export const executionMoves = {
  pending: ['running', 'held', 'cancelled', 'failed'],
  held: ['pending', 'cancelled'],
  running: ['succeeded', 'failed', 'paused', 'cancelled'],
  paused: ['running', 'cancelled', 'failed'],
  failed: ['pending'],
  succeeded: [],
  cancelled: [],
} as const satisfies Record<ExecutionStatus, readonly ExecutionStatus[]>

export const endStatuses = ['succeeded', 'failed', 'cancelled'] as const satisfies readonly ExecutionStatus[]

export function hasEnded(status: ExecutionStatus): boolean {
  return endStatuses.some((end) => end === status)
}

/** Why a run is held: the month's quota is used up, or a person paused it. */
export const holdReasons = ['quota', 'person'] as const
export type HoldReason = (typeof holdReasons)[number]

/** Where a retry takes a run up: at the step that failed, with what the steps before it gave, or from the start. */
export const retryPoints = ['failed_step', 'start'] as const
export type RetryFrom = (typeof retryPoints)[number]

/** A run is tried once and again at most this often, whoever asks. */
export const mostRetries = 3

/** What goes first, as numbers: what a person waits for, what a card started, what the clock started, what came in bulk. */
export const priorities = { interactive: 0, kanban: 1, schedule: 2, bulk: 3 } as const

/** What a paused run waits for: a person's decision, a message, or a moment. */
export const waitingFor = z.object({
  kind: z.enum(['approval', 'message', 'time']),
  step: z.string(),
  title: z.string(),
  since: timestamp,
})
export type WaitingFor = z.infer<typeof waitingFor>

export const executionSources = ['manual', 'api', 'kanban', 'schedule', 'replay'] as const
export const failureKinds = [
  'step_failed',
  'engine_error',
  'timeout',
  'rejected',
  'quota',
  'lost',
  'bad_output',
] as const

/** The largest input of a run, as JSON text: what the engine takes in one webhook call, less room for our own fields. */
export const largestInputBytes = 24 * 1024 * 1024

/** The procedures that take a whole input: too large to be batched with other calls, and repeatable under a key. */
export const unbatched = ['executions.start', 'executions.replay'] as const

/** `idempotencyKey`: the same key with the same studio, workflow and input gives the first execution again, whatever has become of the workflow, else a conflict. */
export const startExecutionInput = z.object({
  studioId: id,
  templateId: id,
  input: z.record(z.string(), z.unknown()).describe("What the workflow's inputSchema asks for."),
  idempotencyKey: line(1, 200).optional(),
})
export type StartExecutionInput = z.infer<typeof startExecutionInput>

export const executionInput = z.object({ executionId: id })

export const retryExecutionInput = z.object({
  executionId: id,
  from: z
    .enum(retryPoints)
    .default('failed_step')
    .describe('failed_step keeps what the steps before it gave; start begins anew.'),
})
export type RetryExecutionInput = z.infer<typeof retryExecutionInput>

/** Without `input` the run's own input is used again; with it, exactly the given one. `idempotencyKey`: the same key for the same run and input gives the first replay again. */
export const replayExecutionInput = z.object({
  executionId: id,
  input: z.record(z.string(), z.unknown()).optional(),
  idempotencyKey: line(1, 200).optional(),
})
export type ReplayExecutionInput = z.infer<typeof replayExecutionInput>

/** `decision` answers a pause that waits for approval; a run paused before its start needs none. */
export const resumeExecutionInput = z.object({
  executionId: id,
  decision: z.enum(['approve', 'reject']).optional(),
  step: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe(
      'The step that the decision is about, as `waitingFor.step` names it. The run takes it only while it waits there.',
    ),
  comment: paragraph(1000).optional(),
})
export type ResumeExecutionInput = z.infer<typeof resumeExecutionInput>

export const executionQueueInput = z.object({
  companyId: id,
  executionId: id.optional().describe('Only this run.'),
  limit: z.int().min(1).max(100).default(20),
})
export type ExecutionQueueInput = z.infer<typeof executionQueueInput>

/** A run that waits; `place` counts from 1 among those that wait for the same, `expectedStartAt` is an estimate, null when nobody can tell. */
export const queuedExecution = z.object({
  executionId: id,
  templateName: z.string(),
  status: z.enum(['pending', 'held']),
  heldFor: z.enum(holdReasons).nullable(),
  place: z.int().min(1),
  expectedStartAt: timestamp.nullable(),
  createdAt: timestamp,
})
export const executionQueue = z.object({
  running: z.int(),
  concurrentLimit: z.int(),
  pending: z.int(),
  held: z.int(),
  usedThisMonth: z.int(),
  monthlyLimit: z.int(),
  items: z.array(queuedExecution),
})
export type ExecutionQueue = z.infer<typeof executionQueue>

export const listExecutionsInput = z.object({
  companyId: id,
  studioId: id.optional(),
  templateId: id.optional(),
  status: executionStatus.optional(),
  ...pageInput.shape,
})
export type ListExecutionsInput = z.infer<typeof listExecutionsInput>

/** A file that a run was given (`input`) or made (`output`), as the seed names it. */
export const fileUsage = z.object({ file_id: id, usage_type: z.enum(['input', 'output']) })

/** A run as lists show it; `durationSeconds` counts from the engine's start to the end. */
export const executionSummary = z.object({
  id,
  companyId: id,
  studioId: id,
  templateId: id,
  templateName: z.string(),
  templateVersion: z.string(),
  userId: id,
  status: executionStatus,
  source: z.enum(executionSources),
  heldFor: z.enum(holdReasons).nullable(),
  waitingFor: waitingFor.nullable(),
  failureKind: z.enum(failureKinds).nullable(),
  failedStep: z.string().nullable(),
  errorMessage: z.string().nullable(),
  failureGroupId: id.nullable(),
  replayOf: id.nullable(),
  retryCount: z.int(),
  filesUsed: z.array(fileUsage),
  startedAt: timestamp.nullable(),
  completedAt: timestamp.nullable(),
  durationSeconds: z.number().nullable(),
  createdAt: timestamp,
})
export type ExecutionSummary = z.infer<typeof executionSummary>
export const executionPage = pageOf(executionSummary)

/** One run with its input and, once it has succeeded, its result. */
export const execution = z.object({
  ...executionSummary.shape,
  inputData: z.record(z.string(), z.unknown()),
  outputData: envelope.nullable(),
  insights: z.array(insight),
  minutesSaved: z.int().nullable(),
  activepiecesRunId: z.string().nullable(),
})
export type Execution = z.infer<typeof execution>

/** `isReplay`: this key had been used before with the same input, and `execution` is the one started then. */
export const startedExecution = z.object({ execution: executionSummary, isReplay: z.boolean() })
export type StartedExecution = z.infer<typeof startedExecution>

export const eventTypes = ['status', 'step', 'log', 'progress', 'insight', 'effect'] as const
export const eventLevels = ['debug', 'info', 'warning', 'error'] as const

/** One thing that happened in a run; `id` grows with time and is what a watcher resumes after. */
export const executionEvent = z.object({
  id: z.int(),
  executionId: id,
  type: z.enum(eventTypes),
  level: z.enum(eventLevels),
  message: z.string(),
  step: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
  createdAt: timestamp,
})
export type ExecutionEvent = z.infer<typeof executionEvent>

export const listLogsInput = z.object({
  executionId: id,
  after: z.int().min(0).default(0).describe('Only events after this id.'),
  limit: z.int().min(1).max(100).default(100),
})
export type ListLogsInput = z.infer<typeof listLogsInput>
export const executionLogs = z.object({ items: z.array(executionEvent), nextAfter: z.int().nullable() })

export const watchExecutionInput = z.object({
  executionId: id,
  lastEventId: z.string().max(15).regex(/^\d+$/).optional().describe('Resume after this event.'),
})
export type WatchExecutionInput = z.infer<typeof watchExecutionInput>
