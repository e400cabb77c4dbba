import { z } from 'zod'
import { newId } from '../ids.ts'
import type { Database } from './database.ts'

const fileRow = z.object({ mimeType: z.string(), data: z.instanceof(Uint8Array) })
const sizeRow = z.object({ size: z.number() })

export function insertFile(database: Database, data: Uint8Array, mimeType: string, runId: string | null): string {
  const id = newId()
  const sql = 'insert into files (id, runId, mimeType, data, created) values (?, ?, ?, ?, ?)'
  database.run(sql, id, runId, mimeType, data, new Date().toISOString())
  return id
}

export function findFile(database: Database, id: string) {
  return database.one(fileRow, 'select mimeType, data from files where id = ?', id)
}

export function findFileSize(database: Database, id: string): number {
  return database.one(sizeRow, 'select length(data) as size from files where id = ?', id)?.size ?? 0
}

export function bindFile(database: Database, id: string, runId: string): void {
  database.run('update files set runId = ? where id = ?', runId, id)
}
