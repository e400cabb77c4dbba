import { createHash, randomUUID } from 'node:crypto'
import type { ScopeClaims } from '../../../src/db/scope.ts'
import { insertRow, type Row, type Run } from './run.ts'

interface Place {
  id: string
  member: ScopeClaims
  studioId: string
  executionId: string
  secret: string
}

export interface Filing {
  folderId: string
  fileId: string
}

/** Rows of what is kept: a folder with a file of two versions, a link to it, a run that read it, and bytes to remove. */
export async function addFiles(owner: Run, { id, member, studioId, executionId, secret }: Place): Promise<Filing> {
  const place = { company_id: id, studio_id: studioId }
  const folder = await insertRow(owner, 'folders', { ...place, name: secret, created_by: member.userId })
  const made = { ...fileRow(id, studioId, member, secret), folder_id: folder['id'], status: 'ready', checksum: sum }
  const file = await insertRow(owner, 'files', made)
  const fileId = String(file['id'])
  const version = { ...versionRow(id, fileId, member), status: 'ready', checksum: sum }
  await insertRow(owner, 'file_versions', version)
  await insertRow(owner, 'file_shares', { ...shareRow(id, fileId, member, secret), label: secret })
  const used = { company_id: id, execution_id: executionId, file_id: fileId, version: 1 }
  await insertRow(owner, 'execution_files', { ...used, usage_type: 'input', property: secret, token_hash: secret })
  await insertRow(owner, 'file_reads', used)
  await insertRow(owner, 'file_removals', { company_id: id, supabase_path: `${id}/${secret}` })
  return { folderId: String(folder['id']), fileId }
}

const sum = createHash('sha256').update('bytes').digest('hex')

export function fileRow(companyId: string, studioId: string, owner: ScopeClaims, name: string): Row {
  const content = { filename: name, file_size: 5, mime_type: 'text/csv', supabase_path: `${companyId}/${randomUUID()}` }
  return { company_id: companyId, studio_id: studioId, uploaded_by: owner.userId, ...content }
}

export function versionRow(companyId: string, fileId: string, person: ScopeClaims, number = 1): Row {
  const id = randomUUID()
  const content = { file_size: 5, mime_type: 'text/csv', supabase_path: `${companyId}/${id}` }
  const expires = { expires_at: new Date(Date.now() + 60_000).toISOString() }
  return { id, company_id: companyId, file_id: fileId, number, uploaded_by: person.userId, ...content, ...expires }
}

export function shareRow(companyId: string, fileId: string, person: ScopeClaims, token: string): Row {
  const target = { company_id: companyId, file_id: fileId, created_by: person.userId }
  return { ...target, token_hash: createHash('sha256').update(token).digest('hex'), expires_at: '2999-01-01' }
}
