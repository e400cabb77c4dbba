import { describe, expect } from 'vitest'
import { effectKinds } from '../../src/contracts/effects.ts'
import { send } from '../http/calls.ts'
import { branch, contact, insight } from '../services/effect-runs.ts'
import { askingFor, declare, effectsDecided } from '../support/effects.ts'
import { publishWorkflow } from '../support/flows.ts'
import { test as base, type World, worldOn } from '../support/world.ts'
import { allPages, sorted } from './lists.ts'
import { faultyPaths, refusal, unseen } from './refusal.ts'

/** A company in which two workflows have run in two studios, one of them restricted, and recorded insights. */
async function furnished(world: World) {
  const company = await world.company()
  const { id: companyId, admin } = company
  const open = await world.studio(admin, companyId)
  const restricted = await world.studio(admin, companyId, { access: 'restricted' })
  const run = async (studioId: string, workflow: { code: string }) => {
    const slug = await publishWorkflow(world.stack, workflow)
    const { id: templateId } = await admin.api.catalog.byId.query({ templateId: slug })
    await declare(world.stack, templateId, effectKinds)
    const { execution } = await admin.api.executions.start.mutate({ studioId, templateId, input: {} })
    await effectsDecided(world.stack.connections.database.ownerUrl, execution.id)
    return { executionId: execution.id, templateId, studioId }
  }
  const insights = [insight('One', 'high'), insight('Two', 'low'), insight('Three', 'high')]
  const first = await run(
    open.id,
    askingFor([...insights, branch('North'), contact({}), contact({ contactPhone: null })]),
  )
  const hidden = await run(restricted.id, askingFor([insight('Secret', 'high')]))
  return { company, companyId, first, hidden }
}

const test = base.extend('place', { scope: 'file' }, ({ stack }) => furnished(worldOn(stack)))

describe('the effects of a run', () => {
  test('are shown to a viewer beside what was declared, page by page in their order', async ({ place }) => {
    const { company, first } = place
    const api = company.viewer.api.executions
    const whole = await api.effects.query({ executionId: first.executionId })
    expect(whole).toMatchObject({ declared: [...effectKinds], nextCursor: null })
    expect(whole.items.map(({ ordinal, kind, outcome }) => [ordinal, kind, outcome])).toEqual([
      [1, 'insight.record', 'applied'],
      [2, 'insight.record', 'applied'],
      [3, 'insight.record', 'applied'],
      [4, 'branch.upsert', 'applied'],
      [5, 'company.updateContact', 'refused'],
      [6, 'company.updateContact', 'applied'],
    ])
    expect(whole.items[3]).toMatchObject({
      arguments: { name: 'North', address: '1 North Road' },
      reason: null,
      result: { entity: 'branch', id: 'North', before: null, userId: company.admin.userId },
      appliedAt: expect.stringMatching(/Z$/),
    })
    const paged = await allPages((cursor) => api.effects.query({ executionId: first.executionId, limit: 4, ...cursor }))
    expect(paged).toEqual(whole.items)
  })

  test('are the same over REST', async ({ world, place: { company, first } }) => {
    const input = { executionId: first.executionId, limit: 2 }
    const answer = await send(world.stack, `/api/v1/executions/${first.executionId}/effects?limit=2`, {
      token: company.viewer.accessToken,
    })
    expect(answer).toMatchObject({ status: 200, body: await company.viewer.api.executions.effects.query(input) })
  })

  test('are shown to nobody outside the company, nor outside the studio', async ({ world, place }) => {
    const { company, first, hidden } = place
    const other = await world.company()
    const of = (executionId: string) => ({ executionId })
    expect(await refusal(other.admin.api.executions.effects.query(of(first.executionId)))).toMatchObject(unseen)
    expect(await refusal(company.member.api.executions.effects.query(of(hidden.executionId)))).toMatchObject(unseen)
    expect((await company.admin.api.executions.effects.query(of(hidden.executionId))).items).toHaveLength(1)
  })

  test('ask for a run and a cursor that was given out', async ({ place: { company, first } }) => {
    const { effects } = company.viewer.api.executions
    expect(await faultyPaths(effects.query({ executionId: 'x', limit: 0 }))).toEqual(['executionId', 'limit'])
    for (const cursor of ['x', Buffer.from('[1e99]').toString('base64url'), Buffer.from('["1"]').toString('base64url')])
      expect(await faultyPaths(effects.query({ executionId: first.executionId, cursor }))).toEqual(['cursor'])
  })
})

describe('recorded insights', () => {
  const titles = (items: { insight: { title: string } }[]) => sorted(items.map(({ insight: { title } }) => title))

  test('are listed newest first, page by page, with the run they come from', async ({ place }) => {
    const { company, companyId, first } = place
    const { list } = company.viewer.api.insights
    const whole = await list.query({ companyId })
    expect(whole.items.map(({ insight: { title } }) => title)).toEqual(['Three', 'Two', 'One'])
    expect(whole.items[0]).toMatchObject({ companyId, ...first, insight: { importance: 'high', figures: [] } })
    expect(await allPages((cursor) => list.query({ companyId, limit: 2, ...cursor }))).toEqual(whole.items)
  })

  test('are narrowed by studio, workflow and importance', async ({ place: { company, companyId, first, hidden } }) => {
    const list = async (filter: object) =>
      titles((await company.admin.api.insights.list.query({ companyId, ...filter })).items)
    expect(await list({})).toEqual(['One', 'Secret', 'Three', 'Two'])
    expect(await list({ studioId: first.studioId })).toEqual(['One', 'Three', 'Two'])
    expect(await list({ templateId: hidden.templateId })).toEqual(['Secret'])
    expect(await list({ importance: 'high', studioId: first.studioId })).toEqual(['One', 'Three'])
    expect(await list({ importance: 'medium' })).toEqual([])
  })

  test('are hidden with their studio, and from every other company', async ({ world, place }) => {
    const { company, companyId, hidden } = place
    const other = await world.company()
    const ofHidden = { companyId, studioId: hidden.studioId }
    expect((await company.member.api.insights.list.query(ofHidden)).items).toEqual([])
    expect(await refusal(other.admin.api.insights.list.query({ companyId }))).toMatchObject(unseen)
    expect(
      (await other.admin.api.insights.list.query({ companyId: other.id, studioId: hidden.studioId })).items,
    ).toEqual([])
  })

  test('refuse what they do not understand', async ({ place: { company, companyId } }) => {
    const { list } = company.viewer.api.insights
    const importance = 'huge' as 'high'
    expect(await faultyPaths(list.query({ companyId, importance, studioId: 'x' }))).toEqual(['importance', 'studioId'])
    expect(await faultyPaths(list.query({ companyId, cursor: 'x' }))).toEqual(['cursor'])
  })
})
