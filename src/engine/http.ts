import { Agent, request } from 'undici'
import type { z } from 'zod'
import { EngineUnavailable } from '../services/workflows/engine.ts'
import { parseAnswer } from './answer-text.ts'
import { callFailure, NotSent } from './failures.ts'
import { engineGuard, type Guard } from './guard.ts'
import { publicLookup, refusePrivateUrl } from './public-addresses.ts'

export interface EngineResponse {
  status: number
  body: unknown
}

export interface EngineRequest {
  method: 'GET' | 'POST' | 'DELETE'
  /** Below `/api/v1`, or a whole address. */
  path: string | URL
  token?: string | undefined
  headers?: Record<string, string>
  body?: unknown
  /** A body that is JSON already. */
  json?: string
  timeoutMs?: number
}

export type SendToEngine = (request: EngineRequest) => Promise<EngineResponse>

export interface EngineHttpOptions {
  /** Host of the engine, without `/api/v1`. */
  url: string
  timeoutMs?: number | undefined
  /** How long calls fail at once after the engine failed several times in a row. */
  openForMs?: number | undefined
  /** For addresses that others give: only https, and only hosts on the public network. */
  isPublicOnly?: boolean | undefined
}

const largestAnswerBytes = 64 * 1024 * 1024

/** Calls to one engine's REST interface, bounded in time, size and number, that follow no redirects. */
export function engineHttp(options: EngineHttpOptions): { send: SendToEngine; breaker: Guard['state'] } {
  const { url, timeoutMs = 15_000, openForMs = 10_000, isPublicOnly = false } = options
  const guard = engineGuard(openForMs)
  const dispatcher = new Agent({
    allowH2: false,
    connections: 20,
    maxResponseSize: largestAnswerBytes,
    connect: { timeout: 5000, ...(isPublicOnly ? { lookup: publicLookup } : {}) },
  })
  const call = async (one: EngineRequest, address: URL): Promise<EngineResponse> => {
    const answer = await request(address, {
      dispatcher,
      method: one.method,
      headers: headersOf(one),
      ...bodyOf(one),
      signal: AbortSignal.timeout(one.timeoutMs ?? timeoutMs),
    })
    return { status: answer.statusCode, body: parseAnswer(await answer.body.text()) }
  }
  const send: SendToEngine = async (one) => {
    const address = typeof one.path === 'string' ? new URL(`${url}/api/v1${one.path}`) : one.path
    try {
      if (isPublicOnly) refusePrivateUrl(address)
      return refuseRedirect(await guard.run(one.method === 'GET', () => call(one, address)))
    } catch (cause) {
      throw callFailure(`${one.method} ${address.pathname}`, cause)
    }
  }
  return { send, breaker: guard.state }
}

/** @throws {EngineUnavailable} when the answer is an error or not of the expected form. */
export function expectAnswer<Schema extends z.ZodType>(
  response: EngineResponse,
  schema: Schema,
  what: string,
): z.infer<Schema> {
  if (response.status >= 400) throw new EngineUnavailable(`The engine answered ${what} with status ${response.status}.`)
  const parsed = schema.safeParse(response.body)
  if (!parsed.success)
    throw new EngineUnavailable(`The engine's answer to ${what} is not of the expected form.`, { cause: parsed.error })
  return parsed.data
}

// What redirects stands before the engine; nothing has reached it.
function refuseRedirect(response: EngineResponse): EngineResponse {
  if (response.status >= 300 && response.status < 400)
    throw new NotSent('The address of the engine redirects elsewhere; name the address where it is.')
  return response
}

function bodyOf({ body, json }: EngineRequest): { body?: string } {
  if (json !== undefined) return { body: json }
  return body === undefined ? {} : { body: JSON.stringify(body) }
}

function headersOf({ headers, token, body, json }: EngineRequest): Record<string, string> {
  return {
    ...headers,
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(body === undefined && json === undefined ? {} : { 'content-type': 'application/json' }),
  }
}
