import { activePieces } from '../../../src/engine/activepieces.ts'
import type { EngineRun, StartPayload } from '../../../src/services/workflows/engine.ts'
import { type Client, credentials, eventually, sharedEngine } from '../../embedded/activepieces/support.ts'

/** The client of the engine that the tests of a file share, with a plain client beside it for what the port does not do. */
export async function clientOfSharedEngine() {
  const { client } = await sharedEngine()
  return { client, engine: engineAt(client.base) }
}

/** A client of an embedded engine that has the tests' account. */
export function engineAt(base: string) {
  return activePieces({ url: base.replace(/\/api\/v1$/, ''), account: credentials, webhookSecret: 'a'.repeat(24) })
}

/** Starts a flow and gives the engine's id of its run. */
export async function started(client: Client, flowId: string, ...statuses: string[]): Promise<string> {
  await client.trigger(flowId)
  return (await client.waitForNewest(flowId, ...statuses)).id
}

/** The run as the port shows it, once it has a status. */
export function seen(look: () => Promise<EngineRun | undefined>, status: EngineRun['status']): Promise<EngineRun> {
  return eventually(async () => {
    const run = await look()
    return run?.status === status ? run : undefined
  })
}

export function payload(input: Record<string, unknown> = {}): StartPayload {
  return {
    execution: { id: 'one', attempt: 1 },
    correlationId: 'one:1',
    input: JSON.stringify(input),
    files: [],
    callback: { url: 'http://127.0.0.1:9/', token: 'none' },
  }
}
