import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { TemplateManifest } from '../../contracts/template-manifest.ts'
import * as queries from '../../db/queries/publishing.ts'
import type { Engine } from './engine.ts'
import type { WorkerContext } from './worker-context.ts'

type Json = Record<string, unknown>

/** A workflow of the catalog as its folder holds it. */
export interface PublishableTemplate {
  manifest: TemplateManifest
  flow: { displayName: string; trigger: unknown; schemaVersion: string }
  sampleInput: Json
  exampleResult: Json
}

export interface Published {
  slug: string
  version: string
  flowId: string
  isNew: boolean
}

/**
 * Brings the catalog into the engine and the database. What is there with the same content is left alone, so that
 * running it again changes nothing.
 * @throws when a content changed but its version did not
 */
export async function publishCatalog(
  ctx: Pick<WorkerContext, 'read' | 'transaction'> & { engine: Engine },
  templates: PublishableTemplate[],
  secret: { placeholder: string; value: string },
): Promise<Published[]> {
  const published: Published[] = []
  for (const template of templates) published.push(await publishOne(ctx, template, secret))
  return published
}

async function publishOne(
  ctx: Pick<WorkerContext, 'read' | 'transaction'> & { engine: Engine },
  template: PublishableTemplate,
  secret: { placeholder: string; value: string },
): Promise<Published> {
  const { slug, version } = template.manifest
  const contentHash = contentHashOf(template)
  const found = await ctx.read((tx) => queries.findPublished(tx, slug))
  if (found?.contentHash === contentHash && found.flowId && (await ctx.engine.isEnabled(found.flowId))) {
    return { slug, version, flowId: found.flowId, isNew: false }
  }
  if (found && found.contentHash !== contentHash && found.version === version) {
    throw new Error(
      `The workflow ${slug} changed but is still version ${version}; raise the version in its template.json.`,
    )
  }
  const flowId = await ctx.engine.publish(publishableFlow(template.flow, secret), found?.flowId ?? undefined)
  await ctx.transaction((tx) => queries.upsertTemplate(tx, { ...template, contentHash, flowId }))
  return { slug, version, flowId, isNew: true }
}

const flowContent = z.object({ displayName: z.string(), trigger: z.unknown(), schemaVersion: z.string() })

/** A flow as an engine is to have it: with the secret that starts it in the placeholder's place. */
export function publishableFlow(flow: object, secret: { placeholder: string; value: string }) {
  return flowContent.parse(JSON.parse(JSON.stringify(flow).replaceAll(secret.placeholder, secret.value)))
}

/** Changes when anything of a workflow does. */
export function contentHashOf(template: PublishableTemplate): string {
  return createHash('sha256').update(JSON.stringify(template)).digest('hex')
}
