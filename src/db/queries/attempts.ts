import { and, eq, isNotNull, sql } from 'drizzle-orm'
import type { Tx } from '../client.ts'
import { executionAttempts as attempts, workflowExecutions as executions } from '../schema/index.ts'
import { updateWork, type WorkItem } from './work.ts'

type NewAttempt = Pick<typeof attempts.$inferInsert, 'number' | 'integrationId' | 'notBefore'>

/** Writes a further attempt, to be sent from `notBefore` on; false when another worker has written it. */
export async function insertAttempt(
  tx: Tx,
  run: Pick<WorkItem, 'id' | 'companyId' | 'studioId'>,
  attempt: NewAttempt,
): Promise<boolean> {
  const rows = await tx
    .insert(attempts)
    .values({
      companyId: run.companyId,
      executionId: run.id,
      studioId: run.studioId,
      origin: attempt.number,
      ...attempt,
    })
    .onConflictDoNothing()
    .returning({ number: attempts.number })
  return rows.length === 1
}

type AttemptChange = Partial<
  Pick<
    typeof attempts.$inferInsert,
    'engineRunId' | 'status' | 'error' | 'endedAt' | 'notBefore' | 'origin' | 'engineFinishedBefore'
  >
>

export async function updateAttempt(tx: Tx, work: WorkItem, change: AttemptChange): Promise<void> {
  await tx.update(attempts).set(change).where(ofAttempt(work))
}

/**
 * Marks an attempt as sent, under the hash of the secret for its callbacks: from now on it may have been. Gives the run's
 * input as JSON; undefined when another worker has marked it, or the run has ended.
 */
export async function markSent(
  tx: Tx,
  work: WorkItem,
  mark: { secretHash: string; startedAt: string },
): Promise<string | undefined> {
  const rows = await tx
    .update(attempts)
    .set({ notBefore: null, startedAt: mark.startedAt, callbackSecretHash: mark.secretHash })
    .from(executions)
    .where(
      and(
        ofAttempt(work),
        isNotNull(attempts.notBefore),
        eq(executions.companyId, attempts.companyId),
        eq(executions.id, attempts.executionId),
        eq(executions.status, 'running'),
      ),
    )
    .returning({ input: sql<string>`${executions.inputData}::text` })
  return rows[0]?.input
}

/** Takes such a mark back: the attempt has certainly not gone out, and is to be sent from `notBefore` on. */
export async function markUnsent(tx: Tx, work: WorkItem, secretHash: string, notBefore: string): Promise<void> {
  await tx
    .update(attempts)
    .set({ notBefore })
    .where(and(ofAttempt(work), eq(attempts.callbackSecretHash, secretHash)))
}

export async function setEngineRun(tx: Tx, work: WorkItem, engineRunId: string): Promise<void> {
  await updateAttempt(tx, work, { engineRunId, status: 'started' })
  await updateWork(tx, work.id, { activepiecesRunId: engineRunId })
}

function ofAttempt(work: WorkItem) {
  return and(
    eq(attempts.companyId, work.companyId),
    eq(attempts.executionId, work.id),
    eq(attempts.number, work.attempt),
  )
}
