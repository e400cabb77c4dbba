import { and, eq, isNull, lt, ne, or, sql } from 'drizzle-orm'
import type { Tx } from '../client.ts'
import {
  integrationFlows as flows,
  integrations,
  workflowTemplates as templates,
  workflowTemplateVersions as versions,
} from '../schema/index.ts'

export interface FlowKey {
  integrationId: string
  templateId: string
}

/** A workflow as it is today, and the flow that a company's own engine has of it. */
export interface KnownFlow {
  flow: Record<string, unknown>
  contentHash: string
  flowId: string | null
  publishedHash: string | null
}

/** The workflows that a company's own engine has, by name. */
export function listPublishedFlows(
  tx: Tx,
  integrationId: string,
): Promise<{ slug: string; version: string; flowId: string | null; isCurrent: boolean }[]> {
  return tx
    .select({
      slug: templates.slug,
      version: templates.version,
      flowId: flows.flowId,
      isCurrent: sql<boolean>`${flows.contentHash} = ${versions.contentHash}`,
    })
    .from(flows)
    .innerJoin(templates, eq(templates.id, flows.templateId))
    .innerJoin(versions, and(eq(versions.templateId, templates.id), eq(versions.version, templates.version)))
    .where(eq(flows.integrationId, integrationId))
    .orderBy(templates.slug)
    .limit(1000)
}

const leaseSeconds = 120

/** Undefined when there is no such workflow. */
export async function findKnownFlow(tx: Tx, { integrationId, templateId }: FlowKey): Promise<KnownFlow | undefined> {
  const rows = await tx
    .select({
      flow: versions.flow,
      contentHash: versions.contentHash,
      flowId: flows.flowId,
      publishedHash: flows.contentHash,
    })
    .from(templates)
    .innerJoin(versions, and(eq(versions.templateId, templates.id), eq(versions.version, templates.version)))
    .leftJoin(flows, and(eq(flows.templateId, templates.id), eq(flows.integrationId, integrationId)))
    .where(eq(templates.id, templateId))
  return rows[0]
}

/**
 * Takes the publishing of a workflow at a company's own engine for one worker, for two minutes.
 * Gives the flow to publish into, null for a new one; undefined when another worker publishes it or has done so.
 */
export async function leaseFlow(
  tx: Tx,
  { integrationId, templateId }: FlowKey,
  contentHash: string,
): Promise<{ flowId: string | null } | undefined> {
  const leasedUntil = sql`now() + make_interval(secs => ${leaseSeconds})`
  const fields = sql`${integrations.id}, ${templateId}::uuid, ${integrations.companyId}, '', null::varchar, now(), ${leasedUntil}`
  const { rows } = await tx.execute<{ flow_id: string | null }>(sql`
    insert into ${flows} (integration_id, template_id, company_id, content_hash, flow_id, published_at, leased_until)
    select ${fields} from ${integrations} where ${eq(integrations.id, integrationId)}
    on conflict (company_id, integration_id, template_id) do update set leased_until = excluded.leased_until
    where ${and(ne(flows.contentHash, contentHash), or(isNull(flows.leasedUntil), lt(flows.leasedUntil, sql`now()`)))}
    returning flow_id`)
  const [row] = rows
  return row && { flowId: row.flow_id }
}

/** Notes what was published, and ends the lease. */
export async function savePublishedFlow(
  tx: Tx,
  key: FlowKey,
  published: { flowId: string; contentHash: string },
): Promise<void> {
  await tx
    .update(flows)
    .set({ ...published, publishedAt: sql`now()`, leasedUntil: null })
    .where(isOf(key))
}

export async function endFlowLease(tx: Tx, key: FlowKey): Promise<void> {
  await tx.update(flows).set({ leasedUntil: null }).where(isOf(key))
}

/** The flow is not at the engine any more, or not switched on: it is published again before the next run. */
export async function forgetPublishedFlow(tx: Tx, key: FlowKey): Promise<void> {
  await tx.update(flows).set({ contentHash: '' }).where(isOf(key))
}

function isOf({ integrationId, templateId }: FlowKey) {
  return and(eq(flows.integrationId, integrationId), eq(flows.templateId, templateId))
}
