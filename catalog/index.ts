import type { TemplateManifest } from '../src/contracts/template-manifest.ts'

export const engineSecretPlaceholder = 'STUDIOS_ENGINE_SECRET_PLACEHOLDER'

export interface CatalogEntry {
  manifest: TemplateManifest
  flow: { displayName: string; trigger: unknown; schemaVersion: string }
  sampleInput: Record<string, unknown>
  exampleResult: Record<string, unknown>
}

export async function loadCatalog(): Promise<CatalogEntry[]> {
  return []
}
