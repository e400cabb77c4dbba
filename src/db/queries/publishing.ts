import { and, eq, isNull, sql } from 'drizzle-orm'
import type { TemplateManifest } from '../../contracts/template-manifest.ts'
import type { Tx } from '../client.ts'
import { workflowTemplates as templates, workflowTemplateVersions as versions } from '../schema/index.ts'

type Json = Record<string, unknown>

interface NewTemplate {
  manifest: TemplateManifest
  flow: object
  sampleInput: Json
  exampleResult: Json
  contentHash: string
  flowId: string
}

/** The platform template of this slug: the engine flow it has and the content it was published with. */
export async function findPublished(
  tx: Tx,
  slug: string,
): Promise<{ flowId: string | null; version: string; contentHash: string } | undefined> {
  const rows = await tx

    .select({ flowId: templates.activepiecesFlowId, version: templates.version, contentHash: versions.contentHash })
    .from(templates)
    .innerJoin(versions, and(eq(versions.templateId, templates.id), eq(versions.version, templates.version)))
    .where(and(eq(templates.slug, slug), isNull(templates.companyId)))
  return rows[0]
}

/** Writes a platform template and its version; a version that is there is brought up to date. */
export async function upsertTemplate(
  tx: Tx,
  { manifest, flow, sampleInput, exampleResult, contentHash, flowId }: NewTemplate,
): Promise<void> {
  const shown = {
    name: manifest.name,
    description: manifest.description,
    valueProposition: manifest.valueProposition,
    businessArea: manifest.businessArea,
    category: manifest.category,
    complexityLevel: manifest.complexityLevel,
    tags: manifest.tags,
    version: manifest.version,
    activepiecesFlowId: flowId,
    estimatedDurationMinutes: manifest.estimatedDurationMinutes,
    minutesSavedPerRun: manifest.minutesSavedPerRun,
    isActive: true,
  }
  const [row] = await tx
    .insert(templates)
    .values({ slug: manifest.slug, ...shown })
    .onConflictDoUpdate({ target: templates.slug, targetWhere: sql`company_id is null`, set: shown })
    .returning({ id: templates.id })
  if (!row) throw new Error('a written template was not returned')
  const content = {
    contentHash,
    manifest: { ...manifest },
    flow: { ...flow },
    inputSchema: manifest.inputSchema,
    outputSchema: manifest.outputSchema,
    sampleInput,
    exampleResult,
    effects: manifest.effects,
    resultStep: manifest.resultStep,
  }
  await tx
    .insert(versions)
    .values({ templateId: row.id, version: manifest.version, ...content })
    .onConflictDoUpdate({ target: [versions.templateId, versions.version], set: content })
}
