import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { FrameworkError } from '../errors.ts'
import { parseJson } from '../json.ts'

const binaryTypes = /^(image|video|audio)\/|^application\/(pdf|zip|gzip|octet-stream)/
const textTypes = /^(text\/|application\/(xml|[\w.+-]+\+xml))/

const carrier = z.object({
  value: z.unknown(),
  bytes: z.instanceof(Buffer),
  kind: z.enum(['json', 'form', 'text', 'multipart', 'binary']),
})

/** What arrived: the parsed value, and the bytes it came from. */
export type RequestBody = z.output<typeof carrier>

/** Reads every content type a webhook takes; others get the framework's 415. */
export function acceptBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers()
  const add = (type: string | RegExp, kind: RequestBody['kind'], read: (bytes: Buffer) => unknown) => {
    server.addContentTypeParser(type, { parseAs: 'buffer' }, async (_request: unknown, body: string | Buffer) => {
      const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body)
      return { value: read(bytes), bytes, kind } satisfies RequestBody
    })
  }
  add('application/json', 'json', readJson)
  add(/^application\/[\w.+-]+\+json/, 'json', readJson)
  add('application/x-www-form-urlencoded', 'form', readForm)
  add('multipart/form-data', 'multipart', () => ({}))
  add(binaryTypes, 'binary', () => ({}))
  add(textTypes, 'text', (bytes) => bytes.toString('utf8'))
}

export function requestBody(body: unknown): RequestBody | undefined {
  return carrier.safeParse(body).data
}

/** The parsed JSON body of an API call; `{}` when there was none. */
export function bodyOf(request: { body: unknown }): unknown {
  return requestBody(request.body)?.value ?? {}
}

function readJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return {}
  try {
    return parseJson(bytes.toString('utf8'))
  } catch (error) {
    throw new FrameworkError(400, error instanceof Error ? error.message : 'Invalid JSON')
  }
}

function readForm(bytes: Buffer): unknown {
  const fields: Record<string, string | string[]> = {}
  const form = new URLSearchParams(bytes.toString('utf8'))
  for (const key of new Set(form.keys())) {
    const values = form.getAll(key)
    Object.defineProperty(fields, key, { value: values.length > 1 ? values : values[0], enumerable: true })
  }
  return fields
}
