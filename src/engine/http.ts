import type { z } from 'zod'
import { EngineUnavailable } from '../services/workflows/engine.ts'

export interface EngineResponse {
  status: number
  body: unknown
}

export interface EngineRequest {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  token?: string | undefined
  headers?: Record<string, string>
  body?: unknown
}

export type SendToEngine = (request: EngineRequest) => Promise<EngineResponse>

const largestAnswerBytes = 64 * 1024 * 1024

/** Calls the engine's REST interface; never repeats a call by itself. @throws {EngineUnavailable} when no answer comes. */
export function engineHttp(baseUrl: string, timeoutMs: number): SendToEngine {
  return async ({ method, path, token, headers, body }) => {
    try {
      const response = await fetch(`${baseUrl}/api/v1${path}`, {
        method,
        headers: {
          ...headers,
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
        redirect: 'error',
      })
      return { status: response.status, body: parse(await readBounded(response)) }
    } catch (cause) {
      throw new EngineUnavailable(`The engine did not answer ${method} ${path.split('?')[0]}.`, { cause })
    }
  }
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

/** Reads at most 64 MiB. */
export async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > largestAnswerBytes) throw new Error('the answer is larger than 64 MiB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Whether a failed call can not have reached the engine at all. */
export function isUnsent(error: unknown): boolean {
  const causes = [error, error instanceof Error ? error.cause : undefined]
  const roots = causes.flatMap((cause) => (cause instanceof Error ? [cause, cause.cause] : []))
  return roots.some(
    (root) =>
      root instanceof Error &&
      'code' in root &&
      ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH'].includes(String(root.code)),
  )
}
