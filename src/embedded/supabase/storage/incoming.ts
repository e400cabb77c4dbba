import { addAbortSignal, type Readable } from 'node:stream'
import type { MultipartFields } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { readUserMetadata } from './body.ts'
import type { Storage } from './context.ts'
import { invalidRequest } from './errors.ts'

/** What an uploader says of an object's bytes. */
export interface Content {
  mimetype: string
  cacheControl: string
  contentEncoding?: string
  userMetadata: object | null
}

export interface Incoming {
  content: Content
  /** As announced; the bytes themselves are counted, too. */
  announcedBytes: number | undefined
  chunks: AsyncIterable<Uint8Array>
}

const formLimits = { fieldSize: 1_048_576, fields: 20, files: 1, parts: 21, fileSize: Number.MAX_SAFE_INTEGER }
const headerText = /^[\x20-\x7e]{1,255}$/
const mimeType = /^[\w!#$&^.+-]+\/[\w!#$&^.+*-]+\s*(;[\x20-\x7e]*)?$/

/** The one object in a request's body, bare or as a file in a form. Its bytes are read only as they are asked for. */
export async function openIncoming(storage: Storage, request: FastifyRequest): Promise<Incoming> {
  addAbortSignal(storage.transfers.ending, request.raw)
  return request.isMultipart() ? await openForm(request) : openRaw(request)
}

/** Breaks off a request whose body has not come whole in this time. */
export function endAfter({ raw }: FastifyRequest, seconds: number): void {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), seconds * 1000).unref()
  raw.once('close', () => clearTimeout(timer))
  addAbortSignal(late.signal, raw)
}

/** Checks what becomes headers of every download. */
export function readContent(given: Partial<Content>): Content {
  const { mimetype = 'application/octet-stream', cacheControl = 'no-cache', contentEncoding } = given
  if (mimetype.length > 255 || !mimeType.test(mimetype)) throw invalidRequest('The content type is not one')
  if (!headerText.test(cacheControl)) throw invalidRequest('The cache control is not one')
  if (contentEncoding !== undefined && !headerText.test(contentEncoding)) {
    throw invalidRequest('The content encoding is not one')
  }
  const encoding = contentEncoding ? { contentEncoding } : {}
  return { mimetype, cacheControl, ...encoding, userMetadata: given.userMetadata ?? null }
}

/** Leaves the stream whole when whoever reads it gives up, so that the request can still be answered. */
export function chunksOf(stream: Readable): AsyncIterable<Uint8Array> {
  return stream.iterator({ destroyOnReturn: false })
}

function openRaw({ headers, raw }: FastifyRequest): Incoming {
  const encoding = headers['content-encoding']
  const metadata = headers['x-metadata']
  const length = headers['content-length']
  return {
    content: readContent({
      ...(headers['content-type'] ? { mimetype: headers['content-type'] } : {}),
      ...(headers['cache-control'] ? { cacheControl: headers['cache-control'] } : {}),
      ...(encoding ? { contentEncoding: encoding } : {}),
      userMetadata: readUserMetadata(typeof metadata === 'string' ? fromBase64(metadata) : undefined),
    }),
    announcedBytes: length === undefined ? undefined : Number(length),
    chunks: chunksOf(raw),
  }
}

async function openForm(request: FastifyRequest): Promise<Incoming> {
  const file = await request.file({ limits: formLimits }).catch(() => undefined)
  if (!file) throw invalidRequest('The form has no file')
  const maxAge = fieldOf(file.fields, 'cacheControl')
  const encoding = fieldOf(file.fields, 'contentEncoding')
  return {
    content: readContent({
      mimetype: file.mimetype,
      ...(maxAge ? { cacheControl: cacheControlOf(maxAge) } : {}),
      ...(encoding ? { contentEncoding: encoding } : {}),
      userMetadata: readUserMetadata(fieldOf(file.fields, 'metadata')),
    }),
    announcedBytes: undefined,
    chunks: partOf(file.file),
  }
}

async function* partOf(stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* chunksOf(stream)
  } catch {
    throw invalidRequest('The form ended before its file did')
  }
}

/** Forms and resumable uploads name seconds where a header names a directive. */
export function cacheControlOf(given: string): string {
  return /^\d+$/.test(given) ? `max-age=${given}` : given
}

export function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8')
}

function fieldOf(fields: MultipartFields, name: string): string | undefined {
  const given = fields[name]
  const first = Array.isArray(given) ? given[0] : given
  return first?.type === 'field' && typeof first.value === 'string' ? first.value : undefined
}
