import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { envelope } from '../src/contracts/envelope.ts'
import { type TemplateManifest, templateManifest } from '../src/contracts/template-manifest.ts'
import type { Flow } from './flow-builder.ts'

export { engineSecretPlaceholder } from './flow-builder.ts'

/** A ready-made workflow as its folder holds it. */
export interface CatalogEntry {
  manifest: TemplateManifest
  flow: Flow
  sampleInput: Record<string, unknown>
  exampleResult: Record<string, unknown>
}

const flowFile = z.object({ displayName: z.string(), trigger: z.unknown(), schemaVersion: z.string() })
const record = z.record(z.string(), z.unknown())

/** Names of the folders that hold a workflow, sorted. */
export async function catalogSlugs(): Promise<string[]> {
  const entries = await readdir(import.meta.dirname, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(catalogPath(entry.name, 'template.json')))
    .map((entry) => entry.name)
    .sort()
}

/** Every workflow of the catalog, checked. @throws naming the file that is not as it should be */
export async function loadCatalog(): Promise<CatalogEntry[]> {
  return Promise.all((await catalogSlugs()).map(loadEntry))
}

export function catalogPath(slug: string, ...names: string[]): string {
  return join(import.meta.dirname, slug, ...names)
}

async function loadEntry(slug: string): Promise<CatalogEntry> {
  const [manifest, flow, sampleInput, exampleResult] = await Promise.all([
    readJson(catalogPath(slug, 'template.json'), templateManifest),
    readJson(catalogPath(slug, 'flow.json'), flowFile),
    readJson(catalogPath(slug, 'sample-input.json'), record),
    readJson(catalogPath(slug, 'expected-output.json'), envelope),
  ])
  if (manifest.slug !== slug) throw new Error(`catalog/${slug}/template.json says that its slug is ${manifest.slug}`)
  return { manifest, flow, sampleInput, exampleResult }
}

async function readJson<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> {
  const result = schema.safeParse(JSON.parse(await readFile(path, 'utf8')))
  if (!result.success) throw new Error(`${path} is not valid: ${z.prettifyError(result.error)}`)
  return result.data
}
