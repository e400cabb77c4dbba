import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { piece } from '../embedded/activepieces/flows.ts'
import { plainEnvelope, publishWorkflow, type TestWorkflow } from '../support/flows.ts'
import type { TestStack } from '../support/stack.ts'

const knock = piece('wait', 'http send_request', { method: 'GET', url: "{{trigger['body']['input']['door']}}" })
const conclude = { name: 'conclude', title: 'Conclude', code: `export const code = async () => ${plainEnvelope()}` }

/** Runs of it ask the address in their input and go on when it answers. */
const waitsAtDoor: TestWorkflow = { pieces: [knock], steps: [conclude], properties: { door: { type: 'string' } } }
/** Runs of it are paused until somebody approves. */
const waitsForApproval: TestWorkflow = { pieces: [piece('wait', 'approval wait_for_approval')], steps: [conclude] }

/** Publishes both workflows as the operator would; gives their ids. */
export async function publishWaiting(stack: TestStack): Promise<Record<'door' | 'approval', string>> {
  return { door: await publish(stack, waitsAtDoor), approval: await publish(stack, waitsForApproval) }
}

async function publish(stack: TestStack, workflow: TestWorkflow): Promise<string> {
  const slug = await publishWorkflow(stack, workflow)
  const { rows } = await stack.owner.query<{ id: string }>('select id from workflow_templates where slug = $1', [slug])
  return rows[0]?.id ?? ''
}

/** An address that answers when the test says so. */
export async function buildDoor() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    /** Resolves when somebody is at the door; call the result to let them in. */
    async knocked(): Promise<() => void> {
      const [, response] = (await once(server, 'request')) as [unknown, ServerResponse]
      return () => void response.setHeader('content-type', 'application/json').end('{}')
    },
    close: () => void server.close().closeAllConnections(),
  }
}
