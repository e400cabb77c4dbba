import type {
  ExecutionSummary,
  ResumeExecutionInput,
  RetryExecutionInput,
  WaitingFor,
} from '../../contracts/executions.ts'
import type { Tx } from '../../db/client.ts'
import * as queries from '../../db/queries/execution-moves.ts'
import { DomainError } from '../../errors.ts'
import type { ServiceContext } from '../context.ts'
import { requireRole } from '../core/access.ts'
import { getSummary } from './executions.ts'

/**
 * Cancels a run: at once while it waits; once the engine has it, the worker asks the engine to.
 * @throws {DomainError} PRECONDITION_FAILED when the run has ended, FORBIDDEN for viewers.
 */
export function cancelExecution(ctx: ServiceContext, executionId: string): Promise<ExecutionSummary> {
  return move(ctx, executionId, async (tx) => {
    const isDone = (await queries.cancelUnstarted(tx, executionId)) || (await queries.requestCancel(tx, executionId))
    return isDone || 'cannot be cancelled any more'
  })
}

/**
 * Tries a failed run again, from its failed step or from the start; at most three times, automatic tries included.
 * @throws {DomainError} PRECONDITION_FAILED when the run has not failed or has no try left, FORBIDDEN for viewers.
 */
export function retryExecution(ctx: ServiceContext, input: RetryExecutionInput): Promise<ExecutionSummary> {
  return move(ctx, input.executionId, async (tx) => {
    return (await queries.retryFailed(tx, input.executionId, input.from)) || 'cannot be retried; only a failed run can'
  })
}

/**
 * Holds a run back before it starts. What the engine has taken pauses only where its workflow says so.
 * @throws {DomainError} PRECONDITION_FAILED when the run does not wait, FORBIDDEN for viewers.
 */
export function pauseExecution(ctx: ServiceContext, executionId: string): Promise<ExecutionSummary> {
  return move(ctx, executionId, async (tx, run) => {
    if (run.status === 'held' && run.heldFor === 'person') return 'is paused already'
    return (
      (await queries.holdBack(tx, executionId)) ||
      'cannot be paused from here; only a run that waits for its turn can, others pause where their workflow says so'
    )
  })
}

/**
 * Lets a run go on: one that was held back before its start, or one that waits for approval, with the decision.
 * @throws {DomainError} BAD_REQUEST without a decision where one is needed, PRECONDITION_FAILED when nothing waits for an
 * answer, CONFLICT when somebody has just answered or the run waits at another step than the one named, FORBIDDEN for viewers.
 */
export function resumeExecution(ctx: ServiceContext, input: ResumeExecutionInput): Promise<ExecutionSummary> {
  return move(ctx, input.executionId, async (tx, run) => {
    if (run.status !== 'paused') return (await queries.letGo(tx, input.executionId)) || 'waits for nobody'
    const step = requireAnswerable(run.waitingFor, input)
    const { decision, comment } = input
    const answer = { decision, comment, userId: ctx.caller.userId }
    if (await queries.answerPause(tx, input.executionId, { step, answer })) return true
    throw new DomainError('CONFLICT', 'Somebody has just answered this pause; the run goes on.')
  })
}

// The step at which the run waits for this answer.
function requireAnswerable(waitingFor: WaitingFor | null, { decision, step }: ResumeExecutionInput): string {
  if (waitingFor?.kind === 'time')
    throw new DomainError('PRECONDITION_FAILED', 'This run waits for a moment and goes on by itself.')
  if (waitingFor?.kind !== 'approval')
    throw new DomainError(
      'PRECONDITION_FAILED',
      'This run waits for a message from outside; it cannot be answered here.',
    )
  if (step !== undefined && step !== waitingFor.step)
    throw new DomainError('CONFLICT', `The run has gone on: it waits at "${waitingFor.title}" now; decide about that.`)
  if (decision) return waitingFor.step
  const path = 'decision'
  const message = 'Say whether to approve or to reject.'
  throw new DomainError('BAD_REQUEST', message, { issues: [{ path, message }] })
}

// `change` gives true, or what the run in the state found is or cannot.
async function move(
  ctx: ServiceContext,
  executionId: string,
  change: (tx: Tx, run: ExecutionSummary) => Promise<true | string>,
): Promise<ExecutionSummary> {
  return ctx.transaction(async (tx) => {
    const run = await getSummary(tx, executionId)
    await requireRole(tx, run.companyId, 'member')
    const refusal = await change(tx, run)
    const now = await getSummary(tx, executionId)
    if (refusal === true) return now
    throw new DomainError('PRECONDITION_FAILED', `This run ${states[now.status]} and ${refusal}.`)
  })
}

const states = {
  pending: 'waits for its turn',
  held: 'is held',
  running: 'is running',
  paused: 'is paused',
  succeeded: 'has succeeded',
  failed: 'has failed',
  cancelled: 'has been cancelled',
} satisfies Record<ExecutionSummary['status'], string>
