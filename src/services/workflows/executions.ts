import { includesRole } from '../../contracts/access.ts'
import type {
  Execution,
  ExecutionEvent,
  ExecutionSummary,
  ListExecutionsInput,
  ListLogsInput,
  StartExecutionInput,
  StartedExecution,
} from '../../contracts/executions.ts'
import type { Tx } from '../../db/client.ts'
import { readCursor, toPage } from '../../db/paging.ts'
import { listEvents } from '../../db/queries/events.ts'
import * as queries from '../../db/queries/executions.ts'
import { findStudio } from '../../db/queries/studios.ts'
import { DomainError, notFound, roleTooLow } from '../../errors.ts'
import type { ServiceContext } from '../context.ts'
import { missing, requireRole } from '../core/access.ts'
import { inputUses, requireFiles } from './file-inputs.ts'
import { checkInput, isSchemaKnown, learnSchema } from './input-check.ts'

/**
 * Accepts a run and gives its id at once; the worker does the rest. Over the month's quota it is `held`, never refused.
 * @throws {DomainError} BAD_REQUEST for an input that the workflow cannot take or a file that the caller may not read, CONFLICT for an idempotency key that was
 * used with another input, studio or workflow, FORBIDDEN for viewers, PAYLOAD_TOO_LARGE over the engine's limit.
 */
export function startExecution(ctx: ServiceContext, request: StartExecutionInput): Promise<StartedExecution> {
  return acceptRun(ctx, request, { source: 'manual' })
}

/** Where a run comes from. */
export interface Origin {
  source: 'manual' | 'replay'
  replayOf?: string
  cause?: Record<string, unknown>
}

/** Accepts a run from wherever it comes; `startExecution` says what is refused. */
export async function acceptRun(
  ctx: ServiceContext,
  request: StartExecutionInput,
  origin: Origin,
): Promise<StartedExecution> {
  const start = await findStart(ctx, request)
  const { input, hash, files } = checkInput(start.contentHash, request.input)
  const key = request.idempotencyKey
  const earlier = await findEarlier(ctx, start.companyId, request, hash)
  if (earlier) return earlier
  const row = {
    companyId: start.companyId,
    studioId: request.studioId,
    templateId: request.templateId,
    templateVersion: start.templateVersion,
    userId: ctx.caller.userId,
    ...origin,
    inputData: input,
    inputHash: hash,
    filesUsed: inputUses(files),
    idempotencyKey: key ?? null,
  }
  try {
    const execution = await ctx.transaction(async (tx) => {
      await requireFiles(tx, { companyId: start.companyId }, files)
      return queries.insertExecution(tx, row, start.templateName)
    })
    return { execution, isReplay: false }
  } catch (error) {
    const winner = isConflict(error) && (await findEarlier(ctx, start.companyId, request, hash))
    if (winner) return winner
    throw error
  }
}

/** Runs of a company, newest first, in the studios that the caller may enter. */
export async function listExecutions(ctx: ServiceContext, input: ListExecutionsInput) {
  const after = readCursor(input.cursor)
  return ctx.read(async (tx) => {
    const rows = await queries.listExecutions(tx, input, after)
    if (rows.length === 0) await requireRole(tx, input.companyId, 'viewer')
    return toPage(rows, input.limit, (row) => ({ at: row.createdAt, id: row.id }))
  })
}

export async function findExecution(ctx: ServiceContext, executionId: string): Promise<Execution> {
  return ctx.read(async (tx) => (await queries.findExecution(tx, executionId)) ?? missing(tx, 'run', executionId))
}

/** What happened in a run, oldest first; `nextAfter` continues, null when there is nothing more so far. */
export async function listLogs(
  ctx: ServiceContext,
  input: ListLogsInput,
): Promise<{ items: ExecutionEvent[]; nextAfter: number | null }> {
  return ctx.read(async (tx) => {
    const run = await getSummary(tx, input.executionId)
    const items = await listEvents(tx, run, input.after, input.limit)
    return { items, nextAfter: items.length === input.limit ? (items.at(-1)?.id ?? null) : null }
  })
}

/** All that a start is decided on; the check of the workflow's input is at hand afterwards. */
export async function findStart(
  ctx: ServiceContext,
  { studioId, templateId }: Pick<StartExecutionInput, 'studioId' | 'templateId'>,
): Promise<queries.StartContext> {
  return ctx.read(async (tx) => {
    const start =
      (await queries.findStartContext(tx, studioId, templateId)) ?? (await missingPart(tx, studioId, templateId))
    if (!includesRole(start.role, 'member')) roleTooLow('member', start.role)
    if (!isSchemaKnown(start.contentHash)) {
      const schema = await queries.findInputSchema(tx, templateId, start.templateVersion)
      learnSchema(start.contentHash, schema ?? notFound('workflow', templateId))
    }
    return start
  })
}

async function missingPart(tx: Tx, studioId: string, templateId: string): Promise<never> {
  return (await findStudio(tx, studioId)) ? missing(tx, 'workflow', templateId) : missing(tx, 'studio', studioId)
}

async function findEarlier(
  ctx: ServiceContext,
  companyId: string,
  { idempotencyKey: key, studioId, templateId }: StartExecutionInput,
  hash: string,
): Promise<StartedExecution | undefined> {
  const found = key === undefined ? undefined : await ctx.read((tx) => queries.findByIdempotencyKey(tx, companyId, key))
  if (!found) return undefined
  const { inputHash, ...execution } = found
  const isSame = inputHash === hash && execution.studioId === studioId && execution.templateId === templateId
  if (isSame) return { execution, isReplay: true }
  throw new DomainError(
    'CONFLICT',
    'This idempotency key was used with another input, studio or workflow; use a new key for a new run.',
  )
}

export async function getSummary(tx: Tx, executionId: string): Promise<ExecutionSummary> {
  return (await queries.findExecutionSummary(tx, executionId)) ?? missing(tx, 'run', executionId)
}

function isConflict(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'CONFLICT'
}
