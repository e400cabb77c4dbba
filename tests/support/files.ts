import { createHash, randomUUID } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'
import type { FileAccess } from '../../src/contracts/files.ts'
import type { TestStack } from './stack.ts'
import type { Person } from './world.ts'

export interface KeptFile {
  studioId: string
  filename?: string
  content?: string | Buffer
  mimeType?: string
  accessLevel?: FileAccess
  folderId?: string
  tags?: string[]
}

/** Puts a ready file of this person's into a studio, bytes and rows, without the upload's own way; gives its id and path. */
export async function keepFile({ owner, supabase }: TestStack, person: Person, given: KeptFile) {
  const { studioId, filename = 'notes.csv', content = 'a,b\n1,2\n', mimeType = 'text/csv' } = given
  const { accessLevel = 'studio', folderId = null, tags = [] } = given
  const [id, versionId] = [randomUUID(), randomUUID()]
  const { rows } = await owner.query('select company_id from studios where id = $1', [studioId])
  const companyId = String(rows[0].company_id)
  const path = `${companyId}/${versionId}`
  const bytes = Buffer.from(content)
  const checksum = createHash('sha256').update(bytes).digest('hex')
  const told = [companyId, person.userId, bytes.length, mimeType, path, checksum]
  await owner.query(
    `insert into files (company_id, uploaded_by, file_size, mime_type, supabase_path, checksum, status, id, studio_id, folder_id, filename, access_level, tags)
     values ($1, $2, $3, $4, $5, $6, 'ready', $7, $8, $9, $10, $11, $12)`,
    [...told, id, studioId, folderId, filename, accessLevel, tags],
  )
  await owner.query(
    `insert into file_versions (company_id, uploaded_by, file_size, mime_type, supabase_path, checksum, status, id, file_id, expires_at)
     values ($1, $2, $3, $4, $5, $6, 'ready', $7, $8, now())`,
    [...told, versionId, id],
  )
  await storeBytes(supabase, path, bytes, mimeType)
  return { id, versionId, companyId, path, checksum }
}

/** Gives a kept file one more version, which becomes the current one. */
export async function keepVersion({ owner, supabase }: TestStack, person: Person, fileId: string, content: string) {
  const { rows } = await owner.query('select company_id, last_version, mime_type from files where id = $1', [fileId])
  const { company_id: companyId, last_version: last, mime_type: mimeType } = rows[0]
  const [versionId, number, bytes] = [randomUUID(), last + 1, Buffer.from(content)]
  const path = `${companyId}/${versionId}`
  const checksum = createHash('sha256').update(bytes).digest('hex')
  await owner.query(
    `insert into file_versions (company_id, uploaded_by, file_size, mime_type, supabase_path, checksum, status, id, file_id, expires_at)
     values ($1, $2, $3, $4, $5, $6, 'ready', $7, $8, now())`,
    [companyId, person.userId, bytes.length, mimeType, path, checksum, versionId, fileId],
  )
  await owner.query('update files set version = $2, file_size = $3, supabase_path = $4, checksum = $5 where id = $1', [
    fileId,
    number,
    bytes.length,
    path,
    checksum,
  ])
  await storeBytes(supabase, path, bytes, mimeType)
  return { version: number, path, checksum }
}

async function storeBytes(supabase: TestStack['supabase'], path: string, bytes: Buffer, contentType: string) {
  const storage = createClient(supabase.url, supabase.secretKey, { auth: { persistSession: false } }).storage
  const { error } = await storage.from('studio-files').upload(path, bytes, { contentType })
  if (error) throw error
}
