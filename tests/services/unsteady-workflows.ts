import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { piece } from '../embedded/activepieces/flows.ts'
import { plainEnvelope, type TestWorkflow } from '../support/flows.ts'

/** A service that the workflow below asks: it answers with these statuses in turn, and with the last one from then on. */
export async function unsteadyService(...statuses: number[]) {
  let calls = 0
  const server = createServer((_, response) => {
    const status = statuses[Math.min(calls, statuses.length - 1)] ?? 200
    calls += 1
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    get calls() {
      return calls
    },
    close: () => void server.close().closeAllConnections(),
  }
}

/** Prepares something, then asks a service at the address in its input, then concludes; it fails when the service does. */
export const asksService: TestWorkflow = {
  pieces: [piece('ask', 'http send_request', { method: 'GET', url: "{{trigger['body']['input']['url']}}" })],
  steps: [
    { name: 'prepare', title: 'Prepare', code: 'export const code = async () => ({ at: Math.random() })' },
    { name: 'conclude', title: 'Conclude', code: `export const code = async () => ${plainEnvelope()}` },
  ],
  properties: { url: { type: 'string' } },
}
