import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { type ActivePiecesOptions, activePieces } from '../../../src/engine/activepieces.ts'
import { urlOf } from '../../embedded/activepieces/support.ts'

export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void

export const account = { apiKey: 'sk-test', projectId: 'P'.repeat(21) }

/** A server in the engine's place that behaves as told: one behaviour a call, the last one for all that follow. */
export async function faultyEngine(behaviours: Behaviour[], options: Partial<ActivePiecesOptions> = {}) {
  const calls: string[] = []
  const waiting = [...behaviours]
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`)
    const behaviour = waiting.length > 1 ? waiting.shift() : waiting[0]
    behaviour?.(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = urlOf(server)
  return { url, calls, engine: activePieces({ url, account, webhookSecret: 's', ...options }) }
}

export function answers(status: number, body: unknown = {}, headers: Record<string, string> = {}): Behaviour {
  return (request, response) => {
    request.resume()
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }
}

export const hangsUp: Behaviour = (request) => void request.socket.destroy()

export const staysSilent: Behaviour = (request) => void request.resume()
