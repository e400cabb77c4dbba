import { and, eq } from 'drizzle-orm'
import type { Tx } from '../client.ts'
import { executionAttempts as attempts } from '../schema/index.ts'
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
    | 'engineRunId'
    | 'status'
    | 'error'
    | 'startedAt'
    | 'endedAt'
    | 'notBefore'
    | 'origin'
    | 'callbackSecretHash'
    | 'engineFinishedBefore'
  >
>

export async function updateAttempt(tx: Tx, work: WorkItem, change: AttemptChange): Promise<void> {
  await tx.update(attempts).set(change).where(ofAttempt(work))
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
