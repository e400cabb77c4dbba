import { includesRole } from '../../contracts/access.ts'
import type { StartExecutionInput, StartedExecution } from '../../contracts/executions.ts'
import type { Tx } from '../../db/client.ts'
import { findInputSchema, findStartContext, insertExecution, type StartContext } from '../../db/queries/starts.ts'
import { findStudio } from '../../db/queries/studios.ts'
import { DomainError, notFound, roleTooLow } from '../../errors.ts'
import type { ServiceContext } from '../context.ts'
import { missing } from '../core/access.ts'
import { findEarlierStart, type Origin } from './earlier-starts.ts'
import { inputUses, requireFiles } from './file-inputs.ts'
import {
  type CheckedInput,
  checkInput,
  checkKnownInput,
  isSchemaKnown,
  learnContent,
  learnSchema,
} from './input-check.ts'

/**
 * Accepts a run and gives its id at once; the worker does the rest. Over the month's quota it is `held`, never refused.
 * @throws {DomainError} BAD_REQUEST for an input that the workflow cannot take or a file that the caller may not read, CONFLICT for an idempotency key that
 * another run of the company has or for a workflow that is changed at this moment, FORBIDDEN for viewers, PAYLOAD_TOO_LARGE over the engine's limit.
 */
export function startExecution(ctx: ServiceContext, request: StartExecutionInput): Promise<StartedExecution> {
  return acceptRun(ctx, request, { source: 'manual' })
}

/** Accepts a run from wherever it comes; `startExecution` says what is refused. */
export async function acceptRun(
  ctx: ServiceContext,
  request: StartExecutionInput,
  origin: Origin,
): Promise<StartedExecution> {
  return (await acceptAtOnce(ctx, request, origin)) ?? acceptAfterLook(ctx, request, origin)
}

// The content of a workflow that was started here before is known; the database accepts the run if it is still the same.
async function acceptAtOnce(ctx: ServiceContext, request: StartExecutionInput, origin: Origin) {
  const checked = checkKnownInput(request.templateId, request.input)
  // Files are looked at one by one, so that a refusal can name the one that it is about.
  return checked?.files.length === 0 ? accept(ctx, request, origin, checked) : undefined
}

async function acceptAfterLook(ctx: ServiceContext, request: StartExecutionInput, origin: Origin) {
  const earlier = () => findEarlierStart(ctx, request, origin)
  // First of all: a workflow that has changed since or is gone does not undo what it has started.
  const known = await earlier()
  if (known) return known
  const start = await findStart(ctx, request)
  const checked = checkInput(start.contentHash, request.input)
  if (checked.files.length > 0) await ctx.read((tx) => requireFiles(tx, { companyId: start.companyId }, checked.files))
  return (await accept(ctx, request, origin, checked)) ?? (await earlier()) ?? changedMeanwhile()
}

/** Undefined when the run is not accepted for a reason that a look will tell. */
async function accept(
  ctx: ServiceContext,
  request: StartExecutionInput,
  origin: Origin,
  { contentHash, input, hash, files }: CheckedInput,
): Promise<StartedExecution | undefined> {
  const { studioId, templateId, idempotencyKey } = request
  const { userId } = ctx.caller
  const checked = { contentHash, input, inputHash: hash, filesUsed: inputUses(files) }
  const run = { studioId, templateId, userId, ...origin, ...checked, idempotencyKey }
  try {
    const execution = await ctx.write((tx) => insertExecution(tx, run))
    if (execution) ctx.ring(execution)
    return execution && { execution, isReplay: false }
  } catch (error) {
    if (isConflict(error)) return undefined
    throw error
  }
}

/** All that a start is decided on; the check of the workflow's input is at hand afterwards. */
export async function findStart(
  ctx: ServiceContext,
  { studioId, templateId }: Pick<StartExecutionInput, 'studioId' | 'templateId'>,
): Promise<StartContext> {
  return ctx.read(async (tx) => {
    const start = (await findStartContext(tx, studioId, templateId)) ?? (await missingPart(tx, studioId, templateId))
    if (!includesRole(start.role, 'member')) roleTooLow('member', start.role)
    if (!isSchemaKnown(start.contentHash)) {
      const schema = await findInputSchema(tx, templateId, start.templateVersion)
      learnSchema(start.contentHash, schema ?? notFound('workflow', templateId))
    }
    learnContent(templateId, start.contentHash)
    return start
  })
}

async function missingPart(tx: Tx, studioId: string, templateId: string): Promise<never> {
  return (await findStudio(tx, studioId)) ? missing(tx, 'workflow', templateId) : missing(tx, 'studio', studioId)
}

function changedMeanwhile(): never {
  throw new DomainError(
    'CONFLICT',
    'The workflow was changed while the run was being started; send the same request again.',
  )
}

function isConflict(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'CONFLICT'
}
