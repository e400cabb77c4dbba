import { describe, expect } from 'vitest'
import { allProcedures, withoutRestShape } from '../contracts/procedures.ts'
import { keepFile } from '../support/files.ts'
import { addCause, test } from '../support/turns.ts'
import type { World } from '../support/world.ts'
import { type Answer, callRest, callTrpc, send } from './calls.ts'
import { playJourney, withoutIds } from './journey.ts'

const withRestShape = allProcedures.filter(({ path }) => !withoutRestShape.includes(path))
const queries = withRestShape.filter(({ type }) => type === 'query')
const mutations = withRestShape.filter(({ type }) => type === 'mutation')

/** Inputs of the queries that need some; numbers, booleans and odd texts among them. */
async function inputsOf(world: World) {
  const company = await world.company({ branches: [{ name: 'Harbour', address: '2 Quay Road' }] })
  const { id: companyId, admin } = company
  const { id: studioId } = await world.studio(admin, companyId, { access: 'restricted' })
  await admin.api.studios.members.add.mutate({ studioId, userId: company.member.userId })
  const { id: templateId } = await admin.api.catalog.byId.query({ templateId: 'deal-pipeline-analysis' })
  const weekly = { name: 'Weekly', cron: '0 8 * * 1', timezone: 'UTC', input: { data: 'a,b\n' } }
  const { id: scheduleId } = await admin.api.schedules.create.mutate({ studioId, templateId, ...weekly })
  const { execution } = await admin.api.executions.start.mutate({ studioId, templateId, input: { data: 'a,b\n' } })
  const { id: executionId } = execution
  await admin.api.executions.cancel.mutate({ executionId })
  const bulk = { companyId, action: 'replay' as const, filter: { studioId }, options: { input: { data: 'a,b\n' } } }
  const { id: operationId } = await admin.api.bulk.start.mutate(bulk)
  const { id: fileId } = await keepFile(world.stack, company.member, { studioId, tags: ['2024', 'true'] })
  await admin.api.sharing.create.mutate({ fileId })
  const { id: folderId } = await admin.api.folders.create.mutate({ studioId, name: 'Contracts' })
  await keepFile(world.stack, company.member, { studioId, accessLevel: 'private' })
  const groupId = await addCause(world.stack, { companyId, studioId, templateId })
  const inputs: Record<string, Record<string, unknown>> = {
    'companies.list': { limit: 1 },
    'companies.byId': { companyId },
    'companies.members.list': { companyId, status: 'approved', limit: 2 },
    'studios.list': { companyId, includeArchived: true, limit: 7, businessArea: 'sales' },
    'studios.byId': { studioId },
    'studios.members.list': { studioId, limit: 1 },
    'catalog.list': { search: '100', tag: 'true', sort: 'quickest', limit: 3 },
    'catalog.byId': { templateId: 'deal-pipeline-analysis' },
    'catalog.facets': { search: 'deals & pipelines', complexityLevel: 'beginner' },
    'bulk.list': { companyId, status: 'running', limit: 1 },
    'bulk.byId': { companyId, operationId },
    'bulk.items': { companyId, operationId, verdict: 'waiting', limit: 1 },
    'attention.list': { companyId, studioId, state: 'open', limit: 1 },
    'attention.byId': { companyId, groupId },
    'executions.list': { companyId, studioId, status: 'cancelled', limit: 1 },
    'executions.byId': { executionId },
    'executions.queue': { companyId, limit: 3 },
    'integrations.byCompany': { companyId },
    'schedules.list': { companyId, studioId, isActive: true, limit: 1 },
    'schedules.byId': { companyId, scheduleId },
    'schedules.occurrences': { companyId, scheduleId, limit: 1 },
    'executions.logs': { executionId, after: 0, limit: 1 },
    'executions.effects': { executionId, limit: 1 },
    'executions.files': { executionId, limit: 1 },
    'files.byId': { fileId },
    'files.readers': { fileId, limit: 1 },
    'sharing.list': { companyId, fileId, state: 'active', limit: 1 },
    'files.list': { companyId, search: '.CSV', tags: '2024,true', folderId: 'top', inSubfolders: false, limit: 1 },
    'files.versions.list': { fileId, limit: 1 },
    'files.privateOfOthers': { companyId, limit: 1 },
    'files.storage': { companyId },
    'files.policy.get': { companyId },
    'folders.list': { studioId, trash: false, limit: 1 },
    'folders.byId': { folderId },
    'insights.list': { companyId, studioId, importance: 'high', limit: 1 },
  }
  return { token: admin.accessToken, inputs }
}

const resultOf = ({ body }: Answer) => Object(body).result?.data

describe('the REST side', () => {
  test('gives for every query what tRPC gives', async ({ world }) => {
    const { token, inputs } = await inputsOf(world)
    for (const procedure of queries) {
      const input = inputs[procedure.path] ?? {}
      const [rest, trpc] = await Promise.all([
        callRest(world.stack, procedure, input, token),
        callTrpc(world.stack, procedure, input, token),
      ])
      expect([procedure.path, rest.status, rest.body]).toEqual([procedure.path, 200, resultOf(trpc)])
    }
  })

  test('does for every mutation what tRPC does', async ({ world }) => {
    const [rest, trpc] = await Promise.all([
      playJourney(
        world,
        (...call) => callRest(world.stack, ...call),
        ({ body }) => body,
      ),
      playJourney(world, (...call) => callTrpc(world.stack, ...call), resultOf),
    ])
    expect(withoutIds(rest)).toEqual(withoutIds(trpc))
    expect(new Set(rest.map(([path]) => path))).toEqual(new Set(mutations.map(({ path }) => path)))
  })

  test('reads numbers and booleans of a query as the input wants them, and names what is neither', async ({
    world,
  }) => {
    const { id: companyId, admin } = await world.company()
    const list = (query: string) =>
      send(world.stack, `/api/v1/companies/${companyId}/studios?${query}`, { token: admin.accessToken })
    expect((await list('limit=5&includeArchived=false')).status).toBe(200)
    const paths = async (query: string) => Object((await list(query)).body).issues?.map(({ path }: Issue) => path)
    expect(await paths('limit=many&includeArchived=maybe')).toEqual(['includeArchived', 'limit'])
    expect(await paths('limit=')).toEqual(['limit'])
    expect(await paths('limit=5&limit=6')).toEqual(['limit'])
    expect(await paths('limit=1e9')).toEqual(['limit'])
  })

  test('takes the names in the path before those in query and body', async ({ world }) => {
    const [ours, theirs] = await Promise.all([world.company(), world.company()])
    const { accessToken: token } = ours.admin
    const query = await send(world.stack, `/api/v1/companies/${ours.id}?companyId=${theirs.id}`, { token })
    expect(query.body).toMatchObject({ id: ours.id })
    const change = { method: 'PATCH', token, body: { companyId: theirs.id, name: 'Still Ours' } }
    expect((await send(world.stack, `/api/v1/companies/${ours.id}`, change)).body).toMatchObject({ id: ours.id })
  })

  test('takes a mutation without a body when the path says all', async ({ world }) => {
    const { id: companyId, viewer } = await world.company()
    const leave = { method: 'POST', token: viewer.accessToken }
    expect((await send(world.stack, `/api/v1/companies/${companyId}/leave`, leave)).status).toBe(200)
  })
})

interface Issue {
  path: string
}
