import { TRPCClientError } from '@trpc/client'
import type { FileAccess } from './contracts/files.ts'
import type { UploadedFile } from './contracts/uploads.ts'
import type { AppRouter } from './routers/index.ts'

/** A new file in a studio. */
export interface NewFile {
  studioId: string
  /** As people are to see it. */
  filename: string
  /** Left out, the file lies at the top of its studio. */
  folderId?: string
  /** Left out, everybody who may enter the studio reads it. */
  accessLevel?: FileAccess
  tags?: string[]
}

/** The next version of a file, which keeps its name and place. */
export interface NextVersion {
  fileId: string
}

export interface FileUpload {
  to: NewFile | NextVersion
  /** A File of a browser's form, or in Node what `fs.openAsBlob` gives: neither is read into memory whole. */
  content: Blob
  /** Left out, the type that the content says of itself. */
  type?: string
  /** SHA-256 in hexadecimal; where given, the server takes nothing else. */
  checksum?: string
  signal?: AbortSignal
  /** Hears how many bytes are on their way; where a request cannot be sent as a stream, which is in browsers, only at the end. */
  onProgress?(sentBytes: number): void
}

/** How the API is reached; `createStudiosClient` explains each. */
interface Access {
  url: string
  accessToken?: () => string | undefined | Promise<string | undefined>
  fetch?: typeof globalThis.fetch
}

/**
 * Uploads a file through the API, which checks it while it comes.
 * @throws {TRPCClientError} as every call of the client does; `studiosError` reads it.
 */
export async function uploadFile(access: Access, upload: FileUpload): Promise<UploadedFile> {
  const { to, content, signal, onProgress } = upload
  const path = 'fileId' in to ? `/files/${to.fileId}/versions` : `/studios/${to.studioId}/files`
  const boundary = `studios-${crypto.randomUUID()}`
  const token = await access.accessToken?.()
  const headers = {
    'content-type': `multipart/form-data; boundary=${boundary}`,
    ...(token && { authorization: `Bearer ${token}` }),
  }
  const form = new Blob(formOf(upload, boundary))
  const body = onProgress && canStream() ? counted(form, content.size, onProgress) : form
  const send = access.fetch ?? globalThis.fetch
  const response = await send(`${access.url.replace(/\/+$/, '')}/api/v1${path}`, {
    ...{ method: 'POST', headers, body, duplex: 'half' },
    ...(signal && { signal }),
  })
  const answer: unknown = await response.json().catch(() => undefined)
  if (!response.ok) throw failure(response.status, answer)
  onProgress?.(content.size)
  return answer as UploadedFile
}

function formOf({ to, content, type = content.type, checksum }: FileUpload, boundary: string): (string | Blob)[] {
  const announced = { size: content.size, type: type || undefined, checksum }
  const fields = 'fileId' in to ? Object.entries(announced) : placeFields(to, announced)
  const given = fields.filter(([, value]) => value !== undefined)
  const parts = given.map(([name, value]) => `${disposition(boundary, name)}\r\n\r\n${String(value)}\r\n`)
  // The name goes as a field: in a part's header some characters would have to be written otherwise.
  const start = `${disposition(boundary, 'file')}; filename="file"\r\ncontent-type: application/octet-stream\r\n\r\n`
  return [...parts, start, content, `\r\n--${boundary}--\r\n`]
}

function placeFields({ studioId: _, tags = [], ...place }: NewFile, announced: object): [string, unknown][] {
  return [...Object.entries({ ...place, ...announced }), ...tags.map((tag): [string, unknown] => ['tags', tag])]
}

function disposition(boundary: string, name: string): string {
  return `--${boundary}\r\ncontent-disposition: form-data; name="${name}"`
}

// Browsers send streams over HTTP/2 only, and fail otherwise.
function canStream(): boolean {
  return !('document' in globalThis)
}

function counted(form: Blob, most: number, onProgress: (sentBytes: number) => void): ReadableStream<Uint8Array> {
  let sent = 0
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      sent += chunk.length
      onProgress(Math.min(sent, most))
      controller.enqueue(chunk)
    },
  })
  return form.stream().pipeThrough(count)
}

function failure(httpStatus: number, answer: unknown): TRPCClientError<AppRouter> {
  const {
    code = 'UNAVAILABLE',
    message = 'The server could not be understood.',
    issues = [],
    requestId,
  } = Object(answer)
  const data = { code, httpStatus, issues, requestId }
  return TRPCClientError.from({ error: { code: -32603, message, data } })
}
