import type { FastifyRequest } from 'fastify'
import type { EngineContext } from '../context.ts'
import { newId } from '../ids.ts'
import { asObject, isObject, type JsonObject } from '../json.ts'
import { insertFile } from '../store/files.ts'
import { type RequestBody, requestBody } from './bodies.ts'
import { readMultipart } from './multipart.ts'

export interface WebhookCall {
  /** What the trigger gives to the flow. */
  payload: JsonObject
  rawBody: string
  dedupeKey: string | undefined
}

/** The request as the trigger shows it: method, headers, body, query and the body's own text. */
export async function readWebhookCall(context: EngineContext, request: FastifyRequest): Promise<WebhookCall> {
  const body = requestBody(request.body)
  const rawBody = body === undefined || isBinary(body) ? '' : body.bytes.toString('utf8')
  const isRaw = request.headers['ap-raw-payload'] === 'true' && request.headers.authorization !== undefined
  if (isRaw && isObject(body?.value)) {
    const { _dedupe_key: key, ...payload } = body.value
    return { payload, rawBody, dedupeKey: typeof key === 'string' ? key : undefined }
  }
  const payload = {
    method: request.method,
    headers: { ...request.headers, 'x-request-id': `req_${newId()}` },
    body: await readBody(context, request, body),
    queryParams: asObject(request.query),
    ...(rawBody === '' ? {} : { rawBody }),
  }
  return { payload, rawBody, dedupeKey: undefined }
}

function isBinary(body: RequestBody): boolean {
  return body.kind === 'binary' || body.kind === 'multipart'
}

async function readBody(context: EngineContext, request: FastifyRequest, body: RequestBody | undefined) {
  if (body === undefined) return {}
  const contentType = request.headers['content-type'] ?? ''
  if (body.kind === 'binary') return { fileUrl: await storeFile(context, body.bytes, contentType) }
  if (body.kind !== 'multipart') return body.value
  const { fields, files } = await readMultipart(body.bytes, contentType)
  for (const file of files) fields[file.field] = await storeFile(context, file.data, file.mimeType)
  return fields
}

async function storeFile(context: EngineContext, data: Buffer, mimeType: string): Promise<string> {
  const fileId = insertFile(context.database, data, mimeType, null)
  const token = await context.tokens.signFile(fileId, context.settings.limits.fileLinkMs)
  return `${context.settings.origin}/api/v1/files/${fileId}?token=${token}`
}
