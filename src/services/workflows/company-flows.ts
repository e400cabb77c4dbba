import type { IntegrationSecret } from '../../contracts/integrations.ts'
import * as queries from '../../db/queries/integration-flows.ts'
import { findIntegrationById, findIntegrationSecret } from '../../db/queries/integrations.ts'
import type { OwnEngine } from './company-engines.ts'
import { type Engine, EngineRefused, EngineUnavailable } from './engine.ts'
import { publishableFlow } from './publish.ts'
import type { WorkerContext } from './worker-context.ts'

type Work = Pick<WorkerContext, 'read' | 'transaction'>

/** What the worker knows of companies' own engines. `placeholder` stands in the flows for the secret that starts them. */
export function ownEngines(ctx: Work, placeholder: string) {
  return {
    find: (integrationId: string): Promise<OwnEngine | undefined> =>
      ctx.read((tx) => findIntegrationById(tx, integrationId)),
    findSecret: (integrationId: string): Promise<IntegrationSecret | undefined> =>
      ctx.read((tx) => findIntegrationSecret(tx, integrationId)),
    flowId: (engine: Engine, key: queries.FlowKey, webhookSecret: string) =>
      flowIdAt(ctx, engine, { key, secret: { placeholder, value: webhookSecret } }),
    forgetFlow: (key: queries.FlowKey) => ctx.transaction((tx) => queries.forgetPublishedFlow(tx, key)),
  }
}

export type OwnEngines = ReturnType<typeof ownEngines>

interface Wanted {
  key: queries.FlowKey
  secret: { placeholder: string; value: string }
}

// Published when it is first needed, and again when its content has changed.
async function flowIdAt(ctx: Work, engine: Engine, { key, secret }: Wanted): Promise<string> {
  const known = await findFlow(ctx, key)
  if (known.publishedId) return known.publishedId
  const lease = await ctx.transaction((tx) => queries.leaseFlow(tx, key, known.contentHash))
  if (!lease) return publishedMeanwhile(ctx, key)
  try {
    const flowId = await engine.publish(publishableFlow(known.flow, secret), lease.flowId ?? undefined)
    await ctx.transaction((tx) => queries.savePublishedFlow(tx, key, { flowId, contentHash: known.contentHash }))
    return flowId
  } catch (error) {
    await ctx.transaction((tx) => queries.endFlowLease(tx, key))
    throw error
  }
}

async function findFlow(ctx: Work, key: queries.FlowKey) {
  const known = await ctx.read((tx) => queries.findKnownFlow(tx, key))
  if (!known) throw new EngineRefused('There is no such workflow any more.')
  return { ...known, publishedId: known.publishedHash === known.contentHash ? known.flowId : null }
}

async function publishedMeanwhile(ctx: Work, key: queries.FlowKey): Promise<string> {
  const { publishedId } = await findFlow(ctx, key)
  if (publishedId) return publishedId
  throw new EngineUnavailable("The workflow is just being published at the company's own engine.")
}
