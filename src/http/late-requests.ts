import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyServerOptions } from 'fastify'

/** Connections on which something comes in that has a time limit of its own. */
const ownLimits = new WeakSet<Socket>()

/** Lets what a request still brings take longer than the server gives to others. @returns ends that. */
export function allowMoreTime(socket: Socket): () => void {
  ownLimits.add(socket)
  return () => void ownLimits.delete(socket)
}

/** Ends connections whose request does not come whole in time, or is none; what has no request cannot be answered otherwise. */
export const endBadConnection: NonNullable<FastifyServerOptions['clientErrorHandler']> = (error, socket) => {
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT' && ownLimits.has(socket)) return
  if (code === 'ECONNRESET' || socket.destroyed) return
  if (socket.writable) socket.write(answerTo(code))
  socket.destroy(error)
}

function answerTo(code: string): string {
  const [status, message] = reasons[code] ?? [400, 'What was sent is no HTTP request.']
  const body = JSON.stringify({ code: 'BAD_REQUEST', message, issues: [], requestId: randomUUID() })
  const headers = ['connection: close', 'content-type: application/json', `content-length: ${Buffer.byteLength(body)}`]
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers, '', body].join('\r\n')
}

const reasons: Record<string, [status: number, message: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not come whole in time; send it again.'],
  HPE_HEADER_OVERFLOW: [431, 'The headers of the request are too large; send fewer or shorter ones.'],
}
