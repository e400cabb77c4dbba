import { z } from 'zod'
import {
  type ExecutionStatus,
  hasEnded,
  type ReplayExecutionInput,
  type StartedExecution,
} from '../../contracts/executions.ts'
import { findOriginal } from '../../db/queries/executions.ts'
import { DomainError } from '../../errors.ts'
import type { ServiceContext } from '../context.ts'
import { missing } from '../core/access.ts'
import { findEarlierStart, type Origin } from './earlier-starts.ts'
import { acceptRun } from './starts.ts'

const lineage = z.object({ root: z.string(), depth: z.int() })

/** From which run a chain of runs started, which came directly before, and how many lie between. */
export function causeAfter(original: { id: string; cause: unknown }): { root: string; parent: string; depth: number } {
  const before = lineage.safeParse(original.cause).data
  return { root: before?.root ?? original.id, parent: original.id, depth: (before?.depth ?? 0) + 1 }
}

/**
 * Runs the same workflow again as a new, linked run, with the same input or an edited one, on its present version.
 * @throws {DomainError} PRECONDITION_FAILED while the run has not ended, and all that `startExecution` throws.
 */
export async function replayExecution(ctx: ServiceContext, request: ReplayExecutionInput): Promise<StartedExecution> {
  const { executionId, input, idempotencyKey } = request
  const original = await ctx.read(
    async (tx) => (await findOriginal(tx, executionId)) ?? missing(tx, 'run', executionId),
  )
  const start = {
    studioId: original.studioId,
    templateId: original.templateId,
    input: input ?? original.inputData,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  }
  const origin: Origin = { source: 'replay', replayOf: original.id, cause: causeAfter(original) }
  if (hasEnded(original.status)) return acceptRun(ctx, start, origin)
  // It may have been replayed by this request before it was tried again.
  return (await findEarlierStart(ctx, start, origin)) ?? notEnded(original.status)
}

function notEnded(status: ExecutionStatus): never {
  const message = `This run is ${status}; it can be replayed once it has ended.`
  throw new DomainError('PRECONDITION_FAILED', message)
}
