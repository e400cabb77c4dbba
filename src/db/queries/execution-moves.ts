import { and, eq, inArray, sql } from 'drizzle-orm'
import type { RetryFrom } from '../../contracts/executions.ts'
import type { Tx } from '../client.ts'
import { workflowExecutions as executions } from '../schema/index.ts'

/** Cancels what has not reached the engine; false when it has, or when the run had ended. */
export async function cancelUnstarted(tx: Tx, executionId: string): Promise<boolean> {
  const rows = await tx
    .update(executions)
    .set({ status: 'cancelled', completedAt: sql`now()`, cancelRequestedAt: sql`now()` })
    .where(and(eq(executions.id, executionId), inArray(executions.status, ['pending', 'held'])))
    .returning({ id: executions.id })
  return rows.length === 1
}

/** Asks the worker to cancel a run that the engine has; false when the run had ended. */
export async function requestCancel(tx: Tx, executionId: string): Promise<boolean> {
  const rows = await tx
    .update(executions)
    .set({ cancelRequestedAt: sql`coalesce(${executions.cancelRequestedAt}, now())` })
    .where(and(eq(executions.id, executionId), inArray(executions.status, ['running', 'paused'])))
    .returning({ id: executions.id })
  return rows.length === 1
}

/** Holds back a run that waits, until somebody resumes it; false when it does not wait any more. */
export async function holdBack(tx: Tx, executionId: string): Promise<boolean> {
  const rows = await tx
    .update(executions)
    .set({ status: 'held', heldFor: 'person' })
    .where(and(eq(executions.id, executionId), inArray(executions.status, ['pending', 'held'])))
    .returning({ id: executions.id })
  return rows.length === 1
}

/** Lets a run go that a person held back; false when nobody did. */
export async function letGo(tx: Tx, executionId: string): Promise<boolean> {
  const isHeldBack = and(eq(executions.status, 'held'), eq(executions.heldFor, 'person'))
  const rows = await tx
    .update(executions)
    .set({ status: 'pending' })
    .where(and(eq(executions.id, executionId), isHeldBack))
    .returning({ id: executions.id })
  return rows.length === 1
}

/** Puts a failed run back among those that wait; the database counts the try. False when the run has not failed. */
export async function retryFailed(tx: Tx, executionId: string, from: RetryFrom): Promise<boolean> {
  const rows = await tx
    .update(executions)
    .set({ status: 'pending', retryFrom: from })
    .where(and(eq(executions.id, executionId), eq(executions.status, 'failed')))
    .returning({ id: executions.id })
  return rows.length === 1
}

/** Notes a person's answer for the worker to bring to the engine; false when the run is not paused at this step or was answered. */
export async function answerPause(
  tx: Tx,
  executionId: string,
  { step, answer }: { step: string; answer: Record<string, unknown> },
): Promise<boolean> {
  const rows = await tx
    .update(executions)
    .set({ answer })
    .where(
      and(
        eq(executions.id, executionId),
        eq(executions.status, 'paused'),
        sql`${executions.answer} is null and ${executions.waitingFor} ->> 'step' = ${step}`,
      ),
    )
    .returning({ id: executions.id })
  return rows.length === 1
}
