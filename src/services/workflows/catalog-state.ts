import { listPublishedFlows } from '../../db/queries/integration-flows.ts'
import * as queries from '../../db/queries/publishing.ts'
import type { Engine } from './engine.ts'
import { contentHashOf, type PublishableTemplate } from './publish.ts'
import type { WorkerContext } from './worker-context.ts'

/** `outdated`: another content than the folder's is published; `missing`: the engine has not got the flow, or not on. */
export type CatalogState = 'published' | 'outdated' | 'missing' | 'unpublished'

export interface PublishedState {
  slug: string
  version: string
  flowId: string | undefined
  state: CatalogState
}

/** How each workflow of the catalog stands at the engine. */
export async function catalogStates(
  ctx: Pick<WorkerContext, 'read'> & { engine: Engine },
  templates: PublishableTemplate[],
): Promise<PublishedState[]> {
  const states: PublishedState[] = []
  for (const template of templates) states.push(await stateOf(ctx, template))
  return states
}

/** The same for a company's own engine: only what it has got so far, for a workflow is published there when it is first needed. */
export async function ownFlowStates(
  ctx: Pick<WorkerContext, 'read'> & { engine: Engine },
  integrationId: string,
): Promise<PublishedState[]> {
  const states: PublishedState[] = []
  for (const { flowId, isCurrent, ...flow } of await ctx.read((tx) => listPublishedFlows(tx, integrationId))) {
    const isThere = flowId !== null && (await ctx.engine.isEnabled(flowId))
    const state = isCurrent ? 'published' : 'outdated'
    states.push({ ...flow, flowId: flowId ?? undefined, state: isThere ? state : 'missing' })
  }
  return states
}

async function stateOf(
  ctx: Pick<WorkerContext, 'read'> & { engine: Engine },
  template: PublishableTemplate,
): Promise<PublishedState> {
  const { slug, version } = template.manifest
  const found = await ctx.read((tx) => queries.findPublished(tx, slug))
  const flowId = found?.flowId ?? undefined
  if (!found || !flowId) return { slug, version, flowId, state: 'unpublished' }
  const isThere = await ctx.engine.isEnabled(flowId)
  if (!isThere) return { slug, version: found.version, flowId, state: 'missing' }
  const isCurrent = found.contentHash === contentHashOf(template)
  return { slug, version: found.version, flowId, state: isCurrent ? 'published' : 'outdated' }
}
