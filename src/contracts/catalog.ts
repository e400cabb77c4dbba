import { z } from 'zod'
import {
  businessArea,
  businessAreas,
  complexityLevel,
  complexityLevels,
  id,
  line,
  pageInput,
  pageOf,
} from './common.ts'

export const catalogSorts = ['relevance', 'name', 'newest', 'quickest', 'most_saved'] as const

const filters = {
  search: line(1, 200).optional().describe('Words to look for; small spelling mistakes are forgiven.'),
  businessArea: businessArea.optional(),
  complexityLevel: complexityLevel.optional(),
  tag: line(1, 50).optional(),
}

export const listCatalogInput = z.object({
  ...filters,
  sort: z.enum(catalogSorts).default('relevance'),
  ...pageInput.shape,
})
export type ListCatalogInput = z.infer<typeof listCatalogInput>
export const catalogFilters = z.object(filters)
export type CatalogFilters = z.infer<typeof catalogFilters>

/** A workflow as the catalog lists it. Durations are minutes; `minutesSavedPerRun` is an estimate with its basis on the full view. */
export const templateSummary = z.object({
  id,
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  valueProposition: z.string(),
  businessArea,
  category: z.string(),
  complexityLevel,
  tags: z.array(z.string()),
  version: z.string(),
  estimatedDurationMinutes: z.int(),
  minutesSavedPerRun: z.int(),
})
export type TemplateSummary = z.infer<typeof templateSummary>
export const templatePage = pageOf(templateSummary)

const json = z.record(z.string(), z.unknown())

/** Everything a person needs to decide on a workflow and to fill in its form; schemas are JSON Schema 2020-12. */
export const template = z.object({
  ...templateSummary.shape,
  steps: z.array(z.object({ name: z.string(), title: z.string(), explanation: z.string() })),
  needs: z.array(z.string()),
  inputSchema: json,
  outputSchema: json,
  sampleInput: json,
  exampleResult: json,
  minutesSavedBasis: z.string(),
  effects: z.array(z.string()),
})
export type Template = z.infer<typeof template>

/** By id, or by its slug such as `deal-pipeline-analysis`. */
export const templateInput = z.object({
  templateId: z.union([
    id,
    z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      .max(100),
  ]),
})

const countOf = <Values extends readonly [string, ...string[]]>(values: Values) =>
  z.array(z.object({ value: z.enum(values), count: z.int() }))

/** How many workflows each further filter would leave; a facet ignores its own filter. */
export const catalogFacets = z.object({
  total: z.int(),
  businessAreas: countOf(businessAreas),
  complexityLevels: countOf(complexityLevels),
  tags: z.array(z.object({ value: z.string(), count: z.int() })),
})
export type CatalogFacets = z.infer<typeof catalogFacets>
