import { and, arrayContains, asc, desc, eq, isNull, or, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { CatalogFilters, ListCatalogInput, TemplateSummary } from '../../contracts/catalog.ts'
import { line } from '../../contracts/common.ts'
import type { Tx } from '../client.ts'
import { decode, encode, refuseCursor } from '../paging.ts'
import { workflowTemplates as templates, workflowTemplateVersions as versions } from '../schema/index.ts'

/** How alike a misspelt word must be to count, 0 to 1; pg_trgm's own default for words is 0.6, made for longer texts. */
const forgiveness = 0.4

export const templateSummaryColumns = {
  id: templates.id,
  slug: templates.slug,
  name: templates.name,
  description: templates.description,
  valueProposition: templates.valueProposition,
  businessArea: templates.businessArea,
  category: templates.category,
  complexityLevel: templates.complexityLevel,
  tags: templates.tags,
  version: templates.version,
  estimatedDurationMinutes: templates.estimatedDurationMinutes,
  minutesSavedPerRun: templates.minutesSavedPerRun,
}

const searchedText = sql`lower(${templates.name} || ' ' || ${templates.category} || ' ' || app.joined(${templates.tags}) || ' ' || ${templates.description})`
const alike = (words: string) => sql<number>`extensions.word_similarity(lower(${words}), ${searchedText})`
const asked = (words: string) => sql`websearch_to_tsquery('english', ${words})`

// Swapped letters leave few trigrams alike: a word of the name or tags that is at most two edits away counts as well.
const isNearby = (words: string) => sql`exists (
  select 1 from regexp_split_to_table(lower(${templates.name} || ' ' || app.joined(${templates.tags})), '[^[:alnum:]]+') as known (word)
  join regexp_split_to_table(lower(left(${words}, 100)), '[^[:alnum:]]+') as wanted (word)
    on char_length(wanted.word) between 5 and 40 and char_length(known.word) between 5 and 40
    and extensions.levenshtein_less_equal(known.word, wanted.word, 2) <= 2)`

function isFound(words: string): SQL | undefined {
  const exact = sql`${templates.search} @@ websearch_to_tsquery('simple', ${words})`
  return or(sql`${templates.search} @@ ${asked(words)}`, exact, sql`${alike(words)} >= ${forgiveness}`, isNearby(words))
}

/** The templates that the filters leave; `but` names a filter to ignore, for its facet. */
export function matching(filters: CatalogFilters, but?: keyof CatalogFilters): SQL | undefined {
  const given = { ...filters, ...(but && { [but]: undefined }) }
  return and(
    eq(templates.isActive, true),
    given.search ? isFound(given.search) : undefined,
    given.businessArea && eq(templates.businessArea, given.businessArea),
    given.complexityLevel && eq(templates.complexityLevel, given.complexityLevel),
    given.tag ? arrayContains(templates.tags, [given.tag]) : undefined,
  )
}

interface Order {
  key: SQL
  type: 'numeric' | 'text'
  isAscending: boolean
}

function orderOf(input: ListCatalogInput): Order {
  const byName: Order = { key: sql`lower(${templates.name})`, type: 'text', isAscending: true }
  const number = (key: SQL, isAscending: boolean): Order => ({
    key: sql`(${key})::numeric`,
    type: 'numeric',
    isAscending,
  })
  switch (input.sort) {
    case 'relevance': {
      if (!input.search) return byName
      const score = sql`2 * ts_rank_cd(${templates.search}, ${asked(input.search)}) + ${alike(input.search)}`
      return { key: sql`round((${score})::numeric, 6)`, type: 'numeric', isAscending: false }
    }
    case 'name':
      return byName
    case 'newest':
      return number(sql`extract(epoch from ${templates.createdAt})`, false)
    case 'quickest':
      return number(sql`${templates.estimatedDurationMinutes}`, true)
    case 'most_saved':
      return number(sql`${templates.minutesSavedPerRun}`, false)
  }
}

/** A cursor's key is cast by the database, which refuses what is not of its type. */
const places = {
  numeric: z.tuple([z.string().regex(/^-?\d{1,20}(\.\d{1,20})?$/), z.uuid()]),
  text: z.tuple([line(0, 600), z.uuid()]),
}

export async function listTemplates(
  tx: Tx,
  input: ListCatalogInput,
): Promise<{ items: TemplateSummary[]; nextCursor: string | null }> {
  const order = orderOf(input)
  const rows = await tx
    .select({ ...templateSummaryColumns, key: sql<string>`(${order.key})::text` })
    .from(templates)
    .where(and(matching(input), input.cursor === undefined ? undefined : isBehind(order, input.cursor)))
    .orderBy(...(order.isAscending ? [asc(order.key), asc(templates.id)] : [desc(order.key), desc(templates.id)]))
    .limit(input.limit + 1)
  const items = rows.slice(0, input.limit)
  const last = items.at(-1)
  const nextCursor = rows.length > input.limit && last ? encode([last.key, last.id]) : null
  return { items: items.map(({ key: _, ...item }) => item), nextCursor }
}

function isBehind(order: Order, cursor: string): SQL {
  const [key, id] = places[order.type].safeParse(decode(cursor)).data ?? refuseCursor()
  const sign = sql.raw(order.isAscending ? '>' : '<')
  return sql`(${order.key}, ${templates.id}) ${sign} (${key}::${sql.raw(order.type)}, ${id}::uuid)`
}

/** By id or slug; a platform template before a company's own of the same slug. */
export async function findTemplate(tx: Tx, idOrSlug: string) {
  const isId = z.uuid().safeParse(idOrSlug).success
  const rows = await tx
    .select({
      ...templateSummaryColumns,
      manifest: versions.manifest,
      inputSchema: versions.inputSchema,
      outputSchema: versions.outputSchema,
      sampleInput: versions.sampleInput,
      exampleResult: versions.exampleResult,
      effects: versions.effects,
    })
    .from(templates)
    .innerJoin(versions, and(eq(versions.templateId, templates.id), eq(versions.version, templates.version)))
    .where(and(eq(templates.isActive, true), isId ? eq(templates.id, idOrSlug) : eq(templates.slug, idOrSlug)))
    .orderBy(desc(isNull(templates.companyId)))
    .limit(1)
  return rows[0]
}

export async function countTemplates(tx: Tx, filters: CatalogFilters): Promise<number> {
  return tx.$count(templates, matching(filters))
}

export function countByArea(tx: Tx, filters: CatalogFilters) {
  return countBy(tx, templates.businessArea, matching(filters, 'businessArea'))
}

export function countByComplexity(tx: Tx, filters: CatalogFilters) {
  return countBy(tx, templates.complexityLevel, matching(filters, 'complexityLevel'))
}

export async function countByTag(tx: Tx, filters: CatalogFilters): Promise<{ value: string; count: number }[]> {
  const value = sql<string>`unnest(${templates.tags})`
  const tagged = tx
    .select({ value: value.as('value') })
    .from(templates)
    .where(matching(filters, 'tag'))
    .as('tagged')
  const count = sql<number>`count(*)::int`
  return tx
    .select({ value: tagged.value, count })
    .from(tagged)
    .groupBy(tagged.value)
    .orderBy(desc(count), tagged.value)
    .limit(100)
}

function countBy<Column extends typeof templates.businessArea | typeof templates.complexityLevel>(
  tx: Tx,
  column: Column,
  where: SQL | undefined,
) {
  const count = sql<number>`count(*)::int`
  return tx.select({ value: column, count }).from(templates).where(where).groupBy(column).orderBy(desc(count), column)
}
