import type { FileHandle } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Storage } from './context.ts'
import { StorageError } from './errors.ts'
import { sendFile } from './file-sending.ts'
import type { StoredObject } from './objects.ts'
import { type ByteRange, isSameForRange, isUnchanged, readRange } from './ranges.ts'
import { withBytes } from './reading.ts'

interface Download {
  find(): Promise<StoredObject>
  /** When the link that opened it ends; takes the place of the object's cache control. */
  expiresAt?: Date
}

/** Streams an object, or the part of it that is asked for; answers 304 when the asker has it already. */
export async function sendObject(
  storage: Storage,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  { find, expiresAt }: Download,
): Promise<FastifyReply> {
  const { object, file } = await withBytes(find, async (found) => ({
    object: found,
    file: await storage.bytes.open(found.version),
  }))
  try {
    const range = describe(reply, request, object)
    void reply.headers(
      expiresAt ? { expires: expiresAt.toUTCString() } : { 'cache-control': object.metadata.cacheControl },
    )
    if (reply.statusCode === 304 || request.method === 'HEAD') return await sendNothing(reply, file)
    if (object.metadata.size === 0) return await sendNothing(reply, file)
    const whole = { start: 0, end: object.metadata.size - 1 }
    void sendFile(takeOver(reply), file, range ?? whole, storage.transfers.ending)
    return reply
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Sets status and headers; gives the range to send. */
function describe(
  reply: FastifyReply,
  { headers, query }: FastifyRequest,
  object: StoredObject,
): ByteRange | undefined {
  const { eTag, size, mimetype, lastModified, contentEncoding } = object.metadata
  const modifiedAt = new Date(lastModified)
  void reply.headers({
    'accept-ranges': 'bytes',
    etag: eTag,
    'last-modified': modifiedAt.toUTCString(),
    'x-robots-tag': 'none',
    'x-content-type-options': 'nosniff',
  })
  if (isUnchanged(headers, eTag, modifiedAt)) {
    void reply.code(304)
    return undefined
  }
  const range = isSameForRange(headers, eTag, modifiedAt) ? rangeOf(reply, headers.range, size) : undefined
  if (range) void reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`)
  void reply.headers({
    'content-length': range ? range.end - range.start + 1 : size,
    // A page among the objects must not run as one.
    'content-type': /^text\/html/i.test(mimetype) ? 'text/plain' : mimetype,
    ...(contentEncoding ? { 'content-encoding': contentEncoding } : {}),
    ...dispositionIn(query),
  })
  return range
}

function rangeOf(reply: FastifyReply, header: string | undefined, size: number): ByteRange | undefined {
  try {
    return readRange(header, size)
  } catch (error) {
    if (error instanceof StorageError) void reply.header('content-range', `bytes */${size}`)
    throw error
  }
}

/** `?download` saves under the object's own name, `?download=name` under another. */
function dispositionIn(query: unknown): Record<string, string> {
  if (typeof query !== 'object' || query === null || !('download' in query)) return {}
  const name = encodeURIComponent(String(query.download)).replace(/['()*]/g, encodeMore)
  if (name === '') return { 'content-disposition': 'attachment;' }
  return { 'content-disposition': `attachment; filename=${name}; filename*=UTF-8''${name};` }
}

function encodeMore(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

async function sendNothing(reply: FastifyReply, file: FileHandle): Promise<FastifyReply> {
  await file.close()
  return reply.send()
}

/** The answer itself, with what was said of it so far. */
function takeOver(reply: FastifyReply): ServerResponse {
  const { raw } = reply.hijack()
  raw.statusCode = reply.statusCode
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
  return raw
}
