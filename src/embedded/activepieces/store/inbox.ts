import { z } from 'zod'
import type { Database } from './database.ts'

const deliveryRow = z.object({
  seq: z.number(),
  flowId: z.string(),
  flowVersionId: z.string(),
  environment: z.enum(['PRODUCTION', 'TESTING']),
  parentRunId: z.string().nullable(),
  payload: z.string().nullable(),
  payloadFileId: z.string().nullable(),
  created: z.string(),
})

/** An accepted webhook call that no worker has taken yet. */
export type Delivery = z.output<typeof deliveryRow>

export function insertDelivery(database: Database, delivery: Omit<Delivery, 'seq'>): void {
  database.run(
    `insert into inbox (flowId, flowVersionId, environment, parentRunId, payload, payloadFileId, created)
      values (?, ?, ?, ?, ?, ?, ?)`,
    delivery.flowId,
    delivery.flowVersionId,
    delivery.environment,
    delivery.parentRunId,
    delivery.payload,
    delivery.payloadFileId,
    delivery.created,
  )
}

export function listDeliveries(database: Database, limit: number): Delivery[] {
  return database.all(deliveryRow, 'select * from inbox order by seq limit ?', limit)
}

export function deleteDelivery(database: Database, seq: number): void {
  database.run('delete from inbox where seq = ?', seq)
}

/** True for the first delivery with this key within the window. */
export function takeDedupeKey(database: Database, flowId: string, key: string, now: number, windowMs: number): boolean {
  database.run('delete from dedupe_keys where expires <= ?', now)
  const sql = 'insert or ignore into dedupe_keys (flowId, dedupeKey, expires) values (?, ?, ?)'
  return database.run(sql, flowId, key, now + windowMs) > 0
}
