import { and, eq } from 'drizzle-orm'
import type { Tx } from '../client.ts'
import { executionAttempts as attempts, workflowExecutions as executions } from '../schema/index.ts'
import type { WorkItem } from './work.ts'

/** Writes the attempt of this number; false when another worker has written it. */
export async function insertAttempt(
  tx: Tx,
  run: { id: string; companyId: string; studioId: string },
  number: number,
): Promise<boolean> {
  const rows = await tx
    .insert(attempts)
    .values({ companyId: run.companyId, executionId: run.id, studioId: run.studioId, number, origin: number })
    .onConflictDoNothing()
    .returning({ number: attempts.number })
  return rows.length === 1
}

type AttemptChange = Partial<Pick<typeof attempts.$inferInsert, 'engineRunId' | 'status' | 'error' | 'endedAt'>>

export async function updateAttempt(tx: Tx, work: WorkItem, change: AttemptChange): Promise<void> {
  await tx
    .update(attempts)
    .set(change)
    .where(
      and(eq(attempts.companyId, work.companyId), eq(attempts.executionId, work.id), eq(attempts.number, work.attempt)),
    )
}

export async function setEngineRun(tx: Tx, work: WorkItem, engineRunId: string): Promise<void> {
  await updateAttempt(tx, work, { engineRunId, status: 'started' })
  await tx.update(executions).set({ activepiecesRunId: engineRunId }).where(eq(executions.id, work.id))
}
