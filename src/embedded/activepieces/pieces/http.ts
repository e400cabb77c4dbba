import { asObject, asText, isObject, type JsonObject, parseJsonOrText } from '../json.ts'
import type { PieceCall, PieceFunction } from './piece.ts'

const retries = 3
const bodiless = new Set(['GET', 'HEAD'])

interface HttpAnswer {
  status: number
  headers: Record<string, string>
  body: unknown
}

/** A failure in the words in which the piece reports it; they are also what a step gives that goes on in spite of it. */
class HttpFailure extends Error {
  readonly report: { response: { status: number; body: unknown }; request: { body: unknown } }

  constructor({ status, body }: Pick<HttpAnswer, 'status' | 'body'>, requestBody: unknown) {
    const report = { response: { status, body }, request: { body: requestBody } }
    super(JSON.stringify(report))
    this.report = report
  }
}

export const sendRequest: PieceFunction = async (call) => {
  const mode = asText(call.input['failureMode'])
  for (let attempt = 0; ; attempt += 1) {
    try {
      return { kind: 'output', output: await send(call) }
    } catch (error) {
      // The piece counts an answer that never came as one with status 500.
      const { report } =
        error instanceof HttpFailure ? error : new HttpFailure({ status: 500, body: undefined }, undefined)
      const { status } = report.response
      if (isRetried(mode, status) && attempt < retries && !call.signal.aborted) continue
      if (!isContinued(mode, status, call.input) || call.signal.aborted) throw error
      return { kind: 'output', output: report }
    }
  }
}

function isRetried(mode: string, status: number): boolean {
  return mode === 'retry_all' || (mode === 'retry_5xx' && status >= 500)
}

function isContinued(mode: string, status: number, input: JsonObject): boolean {
  const isBelow500 = mode === 'continue_4xx' || mode === 'retry_5xx'
  return input['failsafe'] === true || mode === 'continue_all' || (isBelow500 && status < 500)
}

async function send(call: PieceCall): Promise<HttpAnswer> {
  const method = asText(call.input['method'] ?? 'GET').toUpperCase()
  const body = bodiless.has(method) ? undefined : readBody(call.input)
  const headers = requestHeaders(call.input, body?.contentType)
  const timeoutMs = (Number(call.input['timeout']) || 0) * 1000 || call.limits.httpTimeoutMs
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(timeoutMs)])
  const redirect = call.input['followRedirects'] === true ? 'follow' : 'manual'
  const init = { method, headers, signal, redirect, ...(body === undefined ? {} : { body: body.content }) } as const
  const response = await fetch(requestUrl(call.input), init).catch((error: unknown) => {
    throw describeNetworkFault(error, timeoutMs)
  })
  const answer = await readAnswer(response, call)
  if (response.status < 200 || response.status >= 300) throw new HttpFailure(answer, body?.shown)
  return answer
}

function requestUrl(input: JsonObject): URL {
  const url = new URL(asText(input['url']))
  for (const [key, value] of Object.entries(asObject(input['queryParams']))) url.searchParams.append(key, asText(value))
  return url
}

function requestHeaders(input: JsonObject, contentType: string | undefined): Headers {
  const headers = new Headers()
  if (contentType !== undefined) headers.set('content-type', contentType)
  for (const [key, value] of Object.entries(asObject(input['headers']))) if (key !== '') headers.set(key, asText(value))
  const fields = asObject(input['authFields'])
  if (input['authType'] === 'BASIC') {
    const pair = `${asText(fields['username'])}:${asText(fields['password'])}`
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`)
  }
  if (input['authType'] === 'BEARER_TOKEN') headers.set('authorization', `Bearer ${asText(fields['token'])}`)
  return headers
}

function readBody(input: JsonObject) {
  const data = asObject(input['body'])['data']
  switch (input['body_type']) {
    case 'json': {
      const content = typeof data === 'string' ? data : JSON.stringify(data ?? {})
      return { content, contentType: 'application/json', shown: data }
    }
    case 'form_data': {
      const content = new FormData()
      for (const [key, value] of Object.entries(asObject(data))) content.append(key, asText(value))
      return { content, contentType: undefined, shown: data }
    }
    case 'raw':
      return { content: asText(data), contentType: 'text/plain', shown: data }
    default:
      return undefined
  }
}

async function readAnswer(response: Response, call: PieceCall): Promise<HttpAnswer> {
  const bytes = await readBytes(response, call.limits.httpResponseBytes)
  const headers = Object.fromEntries(response.headers)
  if (call.input['response_is_binary'] === true) {
    return { status: response.status, headers, body: bytes.toString('base64') }
  }
  // Unlike `toString`, the decoder leaves a byte order mark out, as the piece does.
  return { status: response.status, headers, body: parseJsonOrText(new TextDecoder().decode(bytes)) }
}

async function readBytes(response: Response, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > limit) throw new Error(`The answer is larger than ${limit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function describeNetworkFault(error: unknown, timeoutMs: number): Error {
  if (error instanceof Error && error.name === 'TimeoutError') return new Error(`timeout of ${timeoutMs}ms exceeded`)
  const cause = error instanceof Error ? error.cause : undefined
  const code = isObject(cause) && typeof cause['code'] === 'string' ? cause['code'] : ''
  return new Error([code, error instanceof Error ? error.message : String(error)].filter(Boolean).join(': '))
}
