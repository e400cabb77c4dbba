import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Chance } from './chance.ts'

/**
 * What can go wrong between two services: the call does not arrive (`drop`); it arrives and no answer comes back (`reset`) or
 * half of one (`cut`); it comes late (`delay`, which also changes the order of calls) or twice (`double`); the answer is an
 * error before or after the work was done, or no JSON (`garble`); the call is accepted and forgotten (`swallow`).
 */
export const faults = ['drop', 'reset', 'cut', 'delay', 'double', 'refuse', 'fail', 'garble', 'swallow'] as const
export type Fault = (typeof faults)[number]

export interface FaultyProxy {
  url: string
  /** How often each fault was put in. */
  counts: Record<string, number>
  close(): Promise<void>
}

interface Answer {
  status: number
  type: string
  body: Buffer
}

/** Stands in front of the service at `target()` and lets calls through, but for the share of them that meets a fault. */
export async function faultyProxy(
  target: () => string,
  chance: Chance,
  weights: readonly (readonly [Fault | undefined, number])[],
): Promise<FaultyProxy> {
  const counts: Record<string, number> = {}
  const server = createServer((request, response) => {
    const fault = chance.pick(weights)
    const waitMs = chance.between(20, 600)
    if (fault) counts[fault] = (counts[fault] ?? 0) + 1
    carry(target(), request, response, { fault, waitMs }).catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function carry(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  { fault, waitMs }: { fault: Fault | undefined; waitMs: number },
): Promise<void> {
  const body = Buffer.concat(await request.toArray())
  const call = () => forward(target, request, body)
  switch (fault) {
    case 'drop':
      return void response.destroy()
    case 'refuse':
      return send(response, { status: 500, type: 'application/json', body: Buffer.from('{"message":"broken"}') })
    case 'swallow':
      return send(response, { status: 200, type: 'application/json', body: Buffer.from('{}') })
    case 'delay':
      await delay(waitMs)
      return send(response, await call())
    case 'double': {
      const [first] = await Promise.all([call(), call()])
      return send(response, first)
    }
    default:
      return spoil(response, await call(), fault)
  }
}

function spoil(response: ServerResponse, answer: Answer, fault: Fault | undefined): void {
  if (fault === 'reset') response.destroy()
  else if (fault === 'fail') send(response, { ...answer, status: 502, body: Buffer.from('bad gateway') })
  else if (fault === 'garble') send(response, { ...answer, body: Buffer.from('<html>{') })
  else if (fault === 'cut') sendHalf(response, answer)
  else send(response, answer)
}

function sendHalf(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': body.length + 1 })
  response.write(body.subarray(0, body.length / 2), () => response.destroy())
}

async function forward(target: string, request: IncomingMessage, body: Buffer): Promise<Answer> {
  const headers = new Headers()
  for (const name of ['authorization', 'content-type', 'x-studios-engine-secret']) {
    const value = request.headers[name]
    if (typeof value === 'string') headers.set(name, value)
  }
  const method = request.method ?? 'GET'
  const answer = await fetch(`${target}${request.url}`, { method, headers, ...(body.length > 0 ? { body } : {}) })
  const type = answer.headers.get('content-type') ?? 'application/json'
  return { status: answer.status, type, body: Buffer.from(await answer.arrayBuffer()) }
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type }).end(body)
}
