import { describe, expect } from 'vitest'
import { test, type World } from '../support/world.ts'
import { type Answer, send } from './calls.ts'
import { errorKinds } from './error-kinds.ts'

const megabyte = 1024 * 1024
const companies = '/api/v1/companies'

/** The one form of every REST error: these four fields and no other. */
function expectError({ status, headers, body }: Answer, wanted: { status: number; code: string }): void {
  expect(Object.keys(Object(body))).toEqual(['code', 'message', 'issues', 'requestId'])
  expect({ status, ...Object(body) }).toMatchObject(wanted)
  expect(Object(body).message).toMatch(/^[A-Z].{10,}[.]$/s)
  expect(Object(body).requestId).toBe(headers.get('x-request-id'))
  expect(headers.get('content-type')).toContain('application/json')
}

describe('every error', () => {
  test('of the REST side has the same body', async ({ world }) => {
    for (const { path, call, status, code } of await errorKinds(world)) {
      expectError(await send(world.stack, path, call), { status, code })
    }
  })

  test('of the tRPC side has its shape, with our code in data', async ({ world }) => {
    for (const { name, call, status, code, trpc } of await errorKinds(world)) {
      if (trpc === undefined) continue
      const answer = await send(world.stack, `/trpc/${trpc}`, call)
      const { error } = Object(answer.body)
      expect([name, answer.status, error?.data]).toMatchObject([name, status, { code, httpStatus: status }])
      expect(new Set(Object.keys(error))).toEqual(new Set(['message', 'code', 'data']))
      expect(error.data.requestId).toBe(answer.headers.get('x-request-id'))
      expect(Array.isArray(error.data.issues)).toBe(true)
      expect(JSON.stringify(error)).not.toContain('stack')
    }
  })

  test('of an input lists every fault with its place and its reason', async ({ world }) => {
    const { accessToken: token } = await world.signUp()
    const body = { name: 'ab', branches: [{ name: '', address: 'x' }] }
    const { body: told } = await send(world.stack, companies, { method: 'POST', token, body })
    const { issues } = Object(told)
    const paths = issues.map(({ path }: { path: string }) => path)
    const missing = ['industryType', 'contactEmail', 'headquartersAddress']
    expect(new Set(paths)).toEqual(new Set(['name', ...missing, 'branches.0.name', 'branches.0.address']))
    for (const { message } of issues) expect(message).not.toBe('')
  })
})

describe('a run with a large input', () => {
  const startWith = async (world: World, size: number) => {
    const company = await world.company()
    const { id: studioId } = await world.studio(company.member, company.id)
    const { id: templateId } = await company.member.api.catalog.byId.query({ templateId: 'deal-pipeline-analysis' })
    const input = { data: 'x'.repeat(size) }
    const call = { method: 'POST', token: company.member.accessToken }
    const rest = { ...call, body: { templateId, input } }
    const trpc = { ...call, body: { studioId, templateId, input } }
    return Promise.all([
      send(world.stack, `/api/v1/studios/${studioId}/executions`, rest),
      send(world.stack, '/trpc/executions.start', trpc),
    ])
  }

  test('is accepted up to what the form takes, past the limit of other addresses', async ({ world }) => {
    for (const { status } of await startWith(world, 3 * megabyte)) expect(status).toBe(200)
  })

  test('is refused above what the engine takes, and says how much that is', async ({ world }) => {
    const [rest, trpc] = await startWith(world, 25 * megabyte)
    expectError(rest, { status: 413, code: 'PAYLOAD_TOO_LARGE' })
    expect(Object(rest.body).message).toContain('at most 24 MB')
    expect(trpc).toMatchObject({ status: 413, body: { error: { data: { code: 'PAYLOAD_TOO_LARGE' } } } })
  })

  test('is refused unread far above it', async ({ world }) => {
    const [rest, trpc] = await startWith(world, 27 * megabyte)
    expectError(rest, { status: 413, code: 'PAYLOAD_TOO_LARGE' })
    expect(trpc).toMatchObject({ status: 413, body: { error: { data: { code: 'PAYLOAD_TOO_LARGE' } } } })
  })
})
