import { sql } from 'drizzle-orm'
import type { CallbackMessage, CallbackReceipt } from '../../contracts/callbacks.ts'
import type { Tx } from '../client.ts'

/** Keeps the messages of a run's flow and tells of them; undefined when the secret is not one of this run. */
export async function takeMessages(
  tx: Tx,
  { executionId, secretHash }: { executionId: string; secretHash: string },
  messages: CallbackMessage[],
): Promise<CallbackReceipt | undefined> {
  const { rows } = await tx.execute<{ accepted: number; repeated: number; late: number }>(
    sql`select accepted, repeated, late
      from app.take_callback(${executionId}::uuid, ${secretHash}, ${JSON.stringify(messages)}::jsonb)`,
  )
  return rows[0]
}
