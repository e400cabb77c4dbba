import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Call {
  method: string
  path: string
  body: string
}

/** What stands in for the engine's answer to a call: another answer, none at all, or (undefined) the engine's own. */
export type Reply = { status: number; body: unknown } | 'reset' | undefined

/** Stands in front of an engine: passes calls on, keeps a list of them, and answers as the test says. */
export async function engineFront(target: string) {
  const calls: Call[] = []
  let rule: (call: Call, own: () => Promise<Response>) => Reply | Promise<Reply> = () => undefined
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray()).toString()
    const { method = 'GET', url: path = '/' } = request
    const call = { method, path, body }
    calls.push(call)
    const headers = new Headers()
    for (const name of ['authorization', 'content-type', 'x-studios-engine-secret']) {
      const value = request.headers[name]
      if (typeof value === 'string') headers.set(name, value)
    }
    const own = () => fetch(`${target}${path}`, { method, headers, ...(body ? { body } : {}) })
    const reply = await rule(call, own)
    if (reply === 'reset') return void response.destroy()
    const json = { 'content-type': 'application/json' }
    if (reply) return void response.writeHead(reply.status, json).end(JSON.stringify(reply.body))
    const answer = await own()
    response.writeHead(answer.status, json).end(Buffer.from(await answer.arrayBuffer()))
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    /** How calls are answered from now on. */
    answer(next: typeof rule): void {
      rule = next
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

export type EngineFront = Awaited<ReturnType<typeof engineFront>>
