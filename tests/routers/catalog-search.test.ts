import { describe, expect } from 'vitest'
import { type Person, test, unique } from '../support/world.ts'
import { allPages, sorted } from './lists.ts'
import { addWorkflows } from './own-workflows.ts'
import { faultyPaths } from './refusal.ts'

const sorts = ['relevance', 'name', 'newest', 'quickest', 'most_saved'] as const
type Query = Parameters<Person['api']['catalog']['list']['query']>[0]

function pagesOf(person: Person, query: Query, limit: number) {
  return allPages((cursor) => person.api.catalog.list.query({ ...query, ...cursor, limit }))
}

const shelf = (tag: string) => [
  { tags: [tag], name: 'Deal Pipeline Analysis', category: 'Forecasting', description: 'Win rates and a forecast.' },
  { tags: [tag], name: 'Ticket Triage', category: 'Service', description: 'Sorts tickets by urgency for the team.' },
  { tags: [tag], name: 'Invoice Ageing', category: 'Cash', description: 'Overdue invoices and the deals behind them.' },
]

describe('searching the catalog', () => {
  const finds = [
    ['the words of a name', 'deal pipeline', 'Deal Pipeline Analysis'],
    ['a word in another form', 'analyses of pipelines', 'Deal Pipeline Analysis'],
    ['a misspelt word', 'pipline', 'Deal Pipeline Analysis'],
    ['a doubled letter', 'ticcket', 'Ticket Triage'],
    ['swapped letters', 'tikcet', 'Ticket Triage'],
    ['a missing letter', 'invoce', 'Invoice Ageing'],
    ['a word of the description', 'urgency', 'Ticket Triage'],
    ['a word of the category', 'forecasting', 'Deal Pipeline Analysis'],
    ['capitals', 'INVOICE', 'Invoice Ageing'],
  ] as const

  test.for(finds)('finds by %s', async ([, search, name], { world }) => {
    const { id: companyId, viewer } = await world.company()
    const tag = unique()
    await addWorkflows(world.stack.owner, companyId, shelf(tag))
    const { items } = await viewer.api.catalog.list.query({ tag, search })
    expect(items[0]?.name).toBe(name)
  })

  test('puts a hit in the name before one in the description', async ({ world }) => {
    const { id: companyId, viewer } = await world.company()
    const tag = unique()
    await addWorkflows(world.stack.owner, companyId, shelf(tag))
    const { items } = await viewer.api.catalog.list.query({ tag, search: 'deals' })
    expect(items.map(({ name }) => name)).toEqual(['Deal Pipeline Analysis', 'Invoice Ageing'])
  })

  test('finds nothing for what is nowhere, and takes any text as words', async ({ world }) => {
    const { api } = await world.signUp()
    const searches = ['zzyzx', `it's "quoted`, ') or (', '100%', '\\', '& | !', '-', '株式会社', '🚚']
    for (const search of searches) {
      const { items } = await api.catalog.list.query({ search, tag: unique() })
      expect(items).toEqual([])
    }
  })
})

describe('paging the catalog', () => {
  test.for(sorts)(
    'every page of sort %s together holds each workflow exactly once, in order',
    async (sort, { world }) => {
      const { id: companyId, viewer } = await world.company()
      const tag = unique()
      const many = Array.from({ length: 11 }, (_, index) => ({
        tags: [tag],
        name: `${index % 2 ? 'Überblick' : 'Report'} ${index % 3}`,
        estimatedDurationMinutes: 1 + (index % 4),
        minutesSavedPerRun: 10 * (index % 3),
        createdAt: `2026-01-0${1 + (index % 5)}T00:00:00.000Z`,
      }))
      const ids = await addWorkflows(world.stack.owner, companyId, many)
      const query = { tag, sort, ...(sort === 'relevance' && { search: 'report or überblick' }) }
      const inOne = await pagesOf(viewer, query, 100)
      expect(sorted(inOne.map(({ id }) => id))).toEqual(sorted(ids))
      for (const limit of [1, 3]) expect(await pagesOf(viewer, query, limit)).toEqual(inOne)
    },
  )

  test('each sort puts first what it says', async ({ world }) => {
    const { id: companyId, viewer } = await world.company()
    const tag = unique()
    await addWorkflows(world.stack.owner, companyId, [
      {
        tags: [tag],
        name: 'beta',
        estimatedDurationMinutes: 2,
        minutesSavedPerRun: 9,
        createdAt: '2026-01-02T00:00:00Z',
      },
      {
        tags: [tag],
        name: 'Gamma',
        estimatedDurationMinutes: 10,
        minutesSavedPerRun: 100,
        createdAt: '2026-01-01T00:00:00Z',
      },
      {
        tags: [tag],
        name: 'Alpha',
        estimatedDurationMinutes: 3,
        minutesSavedPerRun: 20,
        createdAt: '2026-01-03T00:00:00Z',
      },
    ])
    const names = async (sort: (typeof sorts)[number]) =>
      (await viewer.api.catalog.list.query({ tag, sort })).items.map(({ name }) => name).join(' ')
    expect(await names('name')).toBe('Alpha beta Gamma')
    expect(await names('relevance')).toBe('Alpha beta Gamma')
    expect(await names('newest')).toBe('Alpha beta Gamma')
    expect(await names('quickest')).toBe('beta Alpha Gamma')
    expect(await names('most_saved')).toBe('Gamma Alpha beta')
  })

  test('names as long as they may be still have a next page', async ({ world }) => {
    const { id: companyId, viewer } = await world.company()
    const tag = unique()
    const long = Array.from({ length: 3 }, () => ({ tags: [tag], name: '株'.repeat(200) }))
    await addWorkflows(world.stack.owner, companyId, long)
    expect(await pagesOf(viewer, { tag, sort: 'name' }, 1)).toHaveLength(3)
  })

  test('a cursor of another sort, or one made up, is refused as such', async ({ world }) => {
    const { id: companyId, viewer } = await world.company()
    const tag = unique()
    await addWorkflows(world.stack.owner, companyId, [{ tags: [tag] }, { tags: [tag] }])
    const { nextCursor } = await viewer.api.catalog.list.query({ tag, sort: 'name', limit: 1 })
    const id = '00000000-0000-4000-8000-000000000000'
    const made = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url')
    const refused = [
      { sort: 'quickest', cursor: nextCursor ?? '' },
      { sort: 'newest', cursor: nextCursor ?? '' },
      { sort: 'newest', cursor: made('0000-01-01T00:00:00Z', id) },
      { sort: 'most_saved', cursor: made('', id) },
      { sort: 'name', cursor: made('a\u0000', id) },
      { sort: 'name', cursor: made('a') },
      { sort: 'name', cursor: 'null' },
    ] as const
    for (const query of refused) expect(await faultyPaths(viewer.api.catalog.list.query(query))).toEqual(['cursor'])
  })
})
