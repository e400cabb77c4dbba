import type { TestStack } from './stack.ts'
import type { Person } from './world.ts'

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
