import { z } from 'zod'
import type { CatalogFacets, CatalogFilters, ListCatalogInput, Template } from '../../contracts/catalog.ts'
import { template } from '../../contracts/catalog.ts'
import * as queries from '../../db/queries/catalog.ts'
import type { ServiceContext } from '../context.ts'
import { missing, requireSession } from '../core/access.ts'

/** What a template's stored manifest adds to its row. */
const manifestParts = z.object({
  steps: template.shape.steps,
  needs: template.shape.needs,
  minutesSavedBasis: template.shape.minutesSavedBasis,
})

/** Workflows that the caller may run, filtered and sorted. */
export async function listCatalog(ctx: ServiceContext, input: ListCatalogInput) {
  return ctx.read(async (tx) => {
    const page = await queries.listTemplates(tx, input)
    if (page.items.length === 0) await requireSession(tx)
    return page
  })
}

/** One workflow by id or slug, with all that its page shows. */
export async function findTemplate(ctx: ServiceContext, idOrSlug: string): Promise<Template> {
  return ctx.read(async (tx) => {
    const found = (await queries.findTemplate(tx, idOrSlug)) ?? (await missing(tx, 'workflow', idOrSlug))
    const { manifest, ...row } = found
    return { ...row, ...manifestParts.parse(manifest) }
  })
}

/** How many workflows each further filter would leave. */
export async function catalogFacets(ctx: ServiceContext, filters: CatalogFilters): Promise<CatalogFacets> {
  return ctx.read(async (tx) => {
    const [total, businessAreas, complexityLevels, tags] = await Promise.all([
      queries.countTemplates(tx, filters),
      queries.countByArea(tx, filters),
      queries.countByComplexity(tx, filters),
      queries.countByTag(tx, filters),
    ])
    if (total === 0) await requireSession(tx)
    return { total, businessAreas, complexityLevels, tags }
  })
}
