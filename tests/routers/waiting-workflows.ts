import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { engineSecretHeader, engineSecretPlaceholder } from '../../catalog/flow-builder.ts'
import type { TemplateManifest } from '../../src/contracts/template-manifest.ts'
import { openDatabase } from '../../src/db/client.ts'
import { activePieces } from '../../src/engine/activepieces.ts'
import { publishCatalog } from '../../src/services/workflows/publish.ts'
import { code, piece, webhookFlow } from '../embedded/activepieces/flows.ts'
import type { TestStack } from '../support/stack.ts'

/** Runs of it ask the address in their input and go on when it answers. */
export const waitsAtDoor = 'waits-at-a-door'
/** Runs of it are paused until somebody approves. */
export const waitsForApproval = 'waits-for-approval'

const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' } as const
const door = { type: 'string' as const, title: 'Door', description: 'Where to knock.', examples: ['http://door.test'] }
const manifest: Omit<TemplateManifest, 'slug'> = {
  name: 'Waits',
  description: 'Waits until it is told to go on.',
  valueProposition: 'Holds a run where a test wants it.',
  businessArea: 'other',
  category: 'Tests',
  complexityLevel: 'beginner',
  tags: ['waiting'],
  version: '1.0.0',
  steps: [{ name: 'wait', title: 'Wait outside', explanation: 'Goes on when it is told to.' }],
  needs: ['Somebody who opens.'],
  inputSchema: { ...schema, properties: { door }, required: [], additionalProperties: false },
  outputSchema: { ...schema, properties: {} },
  estimatedDurationMinutes: 1,
  minutesSavedPerRun: 1,
  minutesSavedBasis: 'Nobody waits in person.',
  effects: [],
  resultStep: 'conclude',
}

const tag = piece('tag_run', 'tags add_tag', { name: "{{trigger['body']['correlationId']}}" })
const knock = piece('wait', 'http send_request', { method: 'GET', url: "{{trigger['body']['input']['door']}}" })
const conclude = code(
  'conclude',
  "export const code = async () => ({ summary: 'Done.', insights: [], data: {}, effects: [], warnings: [] })",
)

/** Publishes both workflows as the operator would; gives their ids. */
export async function publishWaiting(stack: TestStack): Promise<Record<'door' | 'approval', string>> {
  const { engine, database } = stack.connections
  const worker = openDatabase({ url: database.workerUrl, maxConnections: 1, onConnectionError: () => undefined })
  const secret = { placeholder: engineSecretPlaceholder, value: engine.webhookSecret }
  const templates = [
    template(waitsAtDoor, [tag, knock, conclude]),
    template(waitsForApproval, [tag, piece('wait', 'approval wait_for_approval'), conclude]),
  ]
  await publishCatalog({ ...worker.own, engine: activePieces(engine) }, templates, secret)
  await worker.close()
  const { rows } = await stack.owner.query<{ slug: string; id: string }>('select slug, id from workflow_templates')
  const idOf = (slug: string) => rows.find((row) => row.slug === slug)?.id ?? ''
  return { door: idOf(waitsAtDoor), approval: idOf(waitsForApproval) }
}

function template(slug: string, steps: Parameters<typeof webhookFlow>[0]) {
  const header = { headerName: engineSecretHeader, headerValue: engineSecretPlaceholder }
  const flow = { displayName: slug, schemaVersion: '20', trigger: webhookFlow(steps, 'header', header) }
  return { manifest: { ...manifest, slug }, flow, sampleInput: {}, exampleResult: {} }
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
