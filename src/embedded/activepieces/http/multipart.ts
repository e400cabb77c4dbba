import type { JsonObject } from '../json.ts'

export interface UploadedFile {
  field: string
  mimeType: string
  data: Buffer
}

/** The fields of a multipart body and its files apart. */
export async function readMultipart(body: Buffer, contentType: string) {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  const fields: JsonObject = {}
  const files: UploadedFile[] = []
  for (const [field, value] of form) {
    if (typeof value === 'string') fields[field] = value
    else files.push({ field, mimeType: value.type, data: Buffer.from(await value.arrayBuffer()) })
  }
  return { fields, files }
}
