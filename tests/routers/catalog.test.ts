import { describe, expect } from 'vitest'
import { test, unique } from '../support/world.ts'
import { addWorkflows, type WorkflowFields } from './own-workflows.ts'
import { faultyPaths, refusal, unseen } from './refusal.ts'

describe('the catalog', () => {
  test('a workflow is found by its id and by its short name, with all that its page shows', async ({ world }) => {
    const { id: companyId, viewer } = await world.company()
    const slug = `pipeline-${unique()}`
    const [templateId = ''] = await addWorkflows(world.stack.owner, companyId, [{ slug, name: 'Pipeline Report' }])
    const byId = await viewer.api.catalog.byId.query({ templateId })
    expect(byId).toMatchObject({ slug, name: 'Pipeline Report', needs: ['An export of your deals.'] })
    expect(byId.steps).toEqual([
      { name: 'count', title: 'Count the rows', explanation: 'Every row of the export is counted.' },
    ])
    expect(await viewer.api.catalog.byId.query({ templateId: slug })).toEqual(byId)
    expect(await viewer.api.catalog.byId.query({ templateId: templateId.toUpperCase() })).toEqual(byId)
  })

  test("a company's own workflows are seen by nobody else", async ({ world }) => {
    const [ours, stranger] = await Promise.all([world.company(), world.signUp()])
    const tag = unique()
    const [templateId = ''] = await addWorkflows(world.stack.owner, ours.id, [{ tags: [tag], slug: `own-${tag}` }])
    for (const idOrSlug of [templateId, `own-${tag}`]) {
      expect(await refusal(stranger.api.catalog.byId.query({ templateId: idOrSlug }))).toMatchObject(unseen)
    }
    expect((await stranger.api.catalog.list.query({ tag })).items).toEqual([])
    expect((await stranger.api.catalog.facets.query({ tag })).total).toBe(0)
    expect((await ours.viewer.api.catalog.list.query({ tag })).items).toHaveLength(1)
  })

  test('a workflow that is switched off is offered to nobody', async ({ world }) => {
    const { id: companyId, admin } = await world.company()
    const tag = unique()
    const [templateId = ''] = await addWorkflows(world.stack.owner, companyId, [{ tags: [tag], isActive: false }])
    expect(await refusal(admin.api.catalog.byId.query({ templateId }))).toMatchObject(unseen)
    expect((await admin.api.catalog.list.query({ tag })).items).toEqual([])
  })

  test('every fault of a search is listed with its place', async ({ world }) => {
    const { api } = await world.signUp()
    const faults = { search: 'x'.repeat(201), businessArea: 'space', complexityLevel: 'hard', tag: '', sort: 'best' }
    // @ts-expect-error neither area, level nor sort is one of the list
    const list = api.catalog.list.query({ ...faults, limit: 0 })
    expect(await faultyPaths(list)).toEqual(['businessArea', 'complexityLevel', 'limit', 'search', 'sort', 'tag'])
    // @ts-expect-error there is no such area
    const facets = api.catalog.facets.query({ businessArea: 'space', tag: ' ' })
    expect(await faultyPaths(facets)).toEqual(['businessArea', 'tag'])
    expect(await faultyPaths(api.catalog.byId.query({ templateId: 'Not A Slug!' }))).toEqual(['templateId'])
  })
})

describe('filters and their counts', () => {
  const shelf = (tag: string): WorkflowFields[] => [
    { tags: [tag, 'weekly'], businessArea: 'sales', complexityLevel: 'beginner' },
    { tags: [tag, 'weekly'], businessArea: 'sales', complexityLevel: 'advanced' },
    { tags: [tag], businessArea: 'finance', complexityLevel: 'beginner' },
  ]

  test('each filter narrows the list', async ({ world }) => {
    const { id: companyId, viewer } = await world.company()
    const tag = unique()
    const [first, second, third] = await addWorkflows(world.stack.owner, companyId, shelf(tag))
    const ids = async (filter: Parameters<typeof viewer.api.catalog.list.query>[0]) => {
      const { items } = await viewer.api.catalog.list.query({ ...filter, tag })
      return new Set(items.map(({ id }) => id))
    }
    expect(await ids({})).toEqual(new Set([first, second, third]))
    expect(await ids({ businessArea: 'sales' })).toEqual(new Set([first, second]))
    expect(await ids({ complexityLevel: 'beginner' })).toEqual(new Set([first, third]))
    expect(await ids({ complexityLevel: 'beginner', businessArea: 'finance' })).toEqual(new Set([third]))
  })

  test('each count says what the further filter would leave, and ignores its own', async ({ world }) => {
    const { id: companyId, viewer } = await world.company()
    const tag = unique()
    await addWorkflows(world.stack.owner, companyId, shelf(tag))
    const facets = await viewer.api.catalog.facets.query({ tag, businessArea: 'sales' })
    expect(facets.total).toBe(2)
    expect(facets.businessAreas).toEqual([
      { value: 'sales', count: 2 },
      { value: 'finance', count: 1 },
    ])
    expect(facets.complexityLevels).toEqual([
      { value: 'advanced', count: 1 },
      { value: 'beginner', count: 1 },
    ])
    expect(facets.tags).toEqual(expect.arrayContaining([{ value: 'weekly', count: 2 }]))
  })
})
