import { connect, type Socket } from 'node:net'
import { Upload, type UploadOptions } from 'tus-js-client'
import type { Person, Stack } from '../../support/stack.ts'
import { keysOf } from './storage.ts'

type Uploader = Person | 'nobody'

interface Place {
  bucket: string
  name: string
}

export function metadataFor({ bucket, name }: Place): string {
  const encode = (text: string) => Buffer.from(text).toString('base64')
  return `bucketName ${encode(bucket)},objectName ${encode(name)}`
}

/** One request of the protocol, as a client would make it. */
export function tus(
  stack: Stack,
  url: string,
  { as, headers, ...init }: RequestInit & { as: Uploader },
): Promise<Response> {
  const own = Object.fromEntries(new Headers(headers))
  return fetch(url, { ...init, headers: { 'tus-resumable': '1.0.0', ...keysOf(stack, as), ...own } })
}

interface Beginning extends Place {
  as: Uploader
  length: number
  /** An empty one is left out. */
  headers?: Record<string, string>
  path?: string
  server?: string
}

/** Begins an upload; `url` is where it goes on. */
export async function begin(stack: Stack, { as, length, headers, path, server, ...place }: Beginning) {
  const all = {
    'tus-resumable': '1.0.0',
    'upload-length': String(length),
    'upload-metadata': metadataFor(place),
    ...keysOf(stack, as),
    ...headers,
  }
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
  const address = `${server ?? stack.server.url}/storage/v1${path ?? '/upload/resumable'}`
  const created = await fetch(address, { method: 'POST', headers: given })
  return { created, url: created.headers.get('location') ?? '' }
}

interface Part {
  as: Uploader
  offset: number
  body: string | Buffer
  type?: string
  headers?: Record<string, string>
}

export function patch(stack: Stack, url: string, { as, offset, body, type, headers }: Part): Promise<Response> {
  return tus(stack, url, {
    method: 'PATCH',
    as,
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: {
      'upload-offset': String(offset),
      'content-type': type ?? 'application/offset+octet-stream',
      ...headers,
    },
  })
}

export async function stateOf(stack: Stack, url: string, as: Uploader) {
  const response = await tus(stack, url, { method: 'HEAD', as })
  return { status: response.status, offset: response.headers.get('upload-offset') }
}

interface WholeUpload extends Place {
  as: Person
  content: Buffer
  metadata?: Record<string, string>
  upsert?: boolean
  options?: UploadOptions
}

/** Lets tus-js-client upload the whole, from wherever the server says. */
export function uploadAll(stack: Stack, { as, bucket, name, content, metadata, upsert, options }: WholeUpload) {
  return new Promise<{ url: string | null }>((done, fail) => {
    const upload = new Upload(content, {
      endpoint: `${stack.server.url}/storage/v1/upload/resumable`,
      headers: { ...keysOf(stack, as), 'x-upsert': String(upsert ?? false) },
      metadata: { bucketName: bucket, objectName: name, ...metadata },
      retryDelays: null,
      onError: fail,
      onSuccess: () => done({ url: upload.url }),
      ...options,
    })
    upload.start()
  })
}

/** A PATCH of which the test sends as much as it likes. */
export function openPatch(stack: Stack, url: string, as: Person, length: number): Socket {
  const { hostname, port, pathname } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined).resume()
  const { apikey, authorization } = keysOf(stack, as)
  const head = [
    `PATCH ${pathname} HTTP/1.1`,
    `host: ${hostname}`,
    `apikey: ${apikey}`,
    `authorization: ${authorization}`,
    'tus-resumable: 1.0.0',
    'upload-offset: 0',
    'content-type: application/offset+octet-stream',
    `content-length: ${length}`,
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  return socket
}
