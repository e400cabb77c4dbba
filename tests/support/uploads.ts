import type { TestStack } from './stack.ts'
import type { Company, Person, World } from './world.ts'

export interface FormUpload {
  /** `/studios/{studioId}/files` or `/files/{fileId}/versions`. */
  path: string
  content?: string | Uint8Array<ArrayBuffer>
  filename?: string
  type?: string
  fields?: [name: string, value: string][]
}

/** Sends a file as a form, as browsers do. */
export async function uploadForm({ url }: TestStack, person: Person | undefined, upload: FormUpload) {
  const { path, content = 'a,b\n1,2\n', filename = 'table.csv', type = 'text/csv', fields = [] } = upload
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value)
  form.append('file', new Blob([content], { type }), filename)
  const headers = person ? { authorization: `Bearer ${person.accessToken}` } : undefined
  const response = await fetch(`${url}/api/v1${path}`, { method: 'POST', body: form, ...(headers && { headers }) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

/** Sends bytes to the address of an upload, as the storage's own clients do. */
export async function putBytes(url: string, content: string | Uint8Array<ArrayBuffer>, type = 'text/csv') {
  const response = await fetch(url, { method: 'PUT', body: content, headers: { 'content-type': type } })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

/** An upload of eight bytes whose bytes are there and that is not confirmed. */
export async function sentUpload({ api }: Person, place: { studioId: string }) {
  const announced = { filename: 'sent.csv', fileSize: 8, mimeType: 'text/csv' }
  const upload = await api.files.beginUpload.mutate({ ...place, ...announced })
  await putBytes(upload.uploadUrl, 'a,b\n1,2\n')
  return upload
}

export interface Desk {
  company: Company
  studioId: string
  /** Where forms with new files go. */
  path: string
}

/** A company with a studio that everybody in it may enter. */
export async function desk(world: World): Promise<Desk> {
  const company = await world.company()
  const { id: studioId } = await world.studio(company.admin, company.id)
  return { company, studioId, path: `/studios/${studioId}/files` }
}

/** What there is of a company's files: rows, versions, uploads that have begun, and bytes counted. */
export async function holdings({ owner }: TestStack, companyId: string) {
  const { rows } = await owner.query<Record<string, number>>(
    `select (select count(*) from files where company_id = $1)::int as files,
       (select count(*) from file_versions where company_id = $1)::int as versions,
       (select count(*) from file_versions where company_id = $1 and status = 'uploading')::int as uploading,
       (select count(*) from storage.objects where bucket_id = 'studio-files' and starts_with(name, $1::text || '/'))::int as objects,
       coalesce((select used_bytes from company_storage where company_id = $1), 0)::int as "usedBytes"`,
    [companyId],
  )
  return rows[0]
}

export const nothing = { files: 0, versions: 0, uploading: 0, objects: 0, usedBytes: 0 }

export async function limitStorage({ owner }: TestStack, companyId: string, bytes: number): Promise<void> {
  await owner.query('insert into company_limits (company_id, max_storage_bytes) values ($1, $2)', [companyId, bytes])
}
