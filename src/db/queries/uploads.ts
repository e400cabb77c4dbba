import { sql } from 'drizzle-orm'
import type { Tx } from '../client.ts'

/** What was found of an upload's bytes. */
export interface ReceivedContent {
  size: number
  type: string
  checksum: string
}

/** The file whose version is ready now; undefined when the upload was given up meanwhile or is not the caller's. */
export async function finishUpload(tx: Tx, uploadId: string, found: ReceivedContent): Promise<string | undefined> {
  const finished = sql`select app.finish_upload(${uploadId}, ${found.size}, ${found.type}, ${found.checksum}) as id`
  const { rows } = await tx.execute<{ id: string | null }>(finished)
  return rows[0]?.id ?? undefined
}

/** False when there was no such upload, or it had been finished. */
export async function abandonUpload(tx: Tx, uploadId: string): Promise<boolean> {
  const { rows } = await tx.execute<{ gone: boolean }>(sql`select app.abandon_upload(${uploadId}) as gone`)
  return rows[0]?.gone ?? false
}
