import { describe, expect } from 'vitest'
import { test, type World } from '../support/world.ts'
import { type Answer, type Call, send } from './calls.ts'

const nothing = '00000000-0000-4000-8000-000000000000'
const megabyte = 1024 * 1024
const companies = '/api/v1/companies'
const json = { 'content-type': 'application/json' }

/** The one form of every REST error: these four fields and no other. */
function expectError({ status, headers, body }: Answer, wanted: { status: number; code: string }): void {
  expect(Object.keys(Object(body))).toEqual(['code', 'message', 'issues', 'requestId'])
  expect({ status, ...Object(body) }).toMatchObject(wanted)
  expect(Object(body).message).toMatch(/^[A-Z].{10,}[.]$/s)
  expect(Object(body).requestId).toBe(headers.get('x-request-id'))
  expect(headers.get('content-type')).toContain('application/json')
}

interface Kind {
  name: string
  path: string
  call: Call
  status: number
  code: string
  /** Where tRPC's own protocol takes the same wrong call. */
  trpc?: string
}

function kinds({ id, token, viewer }: { id: string; token: string; viewer: string }): Kind[] {
  const post = { method: 'POST', token }
  const bad = { status: 400, code: 'BAD_REQUEST' }
  const input = (value: unknown) => `?input=${encodeURIComponent(JSON.stringify(value))}`
  return [
    { name: 'bad JSON', path: companies, call: { ...post, body: '{"name":' }, ...bad, trpc: 'companies.create' },
    { name: 'no body', path: companies, call: { ...post, headers: json }, ...bad },
    {
      name: 'a body of another type',
      path: companies,
      call: { ...post, body: '[1]' },
      ...bad,
      trpc: 'companies.create',
    },
    {
      name: 'faults',
      path: `${companies}?limit=0`,
      call: { token },
      ...bad,
      trpc: `companies.list${input({ limit: 0 })}`,
    },
    { name: 'an address that cannot be read', path: '/api/v1/companies/%E0%A4%A', call: { token }, ...bad },
    { name: 'nobody signed in', path: companies, call: {}, status: 401, code: 'UNAUTHORIZED', trpc: 'companies.list' },
    {
      name: 'a role too low',
      path: `${companies}/${id}`,
      call: { method: 'PATCH', token: viewer, body: {} },
      status: 403,
      code: 'FORBIDDEN',
    },
    {
      name: 'no such address',
      path: '/api/v1/nowhere',
      call: { token },
      status: 404,
      code: 'NOT_FOUND',
      trpc: 'no.where',
    },
    {
      name: 'no such verb',
      path: '/api/v1/catalog',
      call: { method: 'DELETE', token },
      status: 404,
      code: 'NOT_FOUND',
    },
    {
      name: 'no such thing',
      path: `${companies}/${nothing}`,
      call: { token },
      status: 404,
      code: 'NOT_FOUND',
      trpc: `companies.byId${input({ companyId: nothing })}`,
    },
    {
      name: 'a conflict',
      path: '/api/v1/join-requests',
      call: { ...post, body: { slug: 'the-conflict' } },
      status: 409,
      code: 'CONFLICT',
      trpc: 'companies.requestJoin',
    },
    {
      name: 'the wrong moment',
      path: `${companies}/${id}/leave`,
      call: post,
      status: 412,
      code: 'PRECONDITION_FAILED',
    },
    {
      name: 'a body too large',
      path: companies,
      call: { ...post, body: JSON.stringify({ name: 'x'.repeat(megabyte) }) },
      status: 413,
      code: 'PAYLOAD_TOO_LARGE',
      trpc: 'companies.create',
    },
    {
      name: 'a body that is not JSON',
      path: companies,
      call: { ...post, body: '<company/>', headers: { 'content-type': 'application/xml' } },
      status: 415,
      code: 'UNSUPPORTED_MEDIA_TYPE',
      trpc: 'companies.create',
    },
  ]
}

async function prepared(world: World) {
  const { id, slug, admin, viewer } = await world.company()
  const token = admin.accessToken
  return kinds({ id, token, viewer: viewer.accessToken }).map((kind) => ({
    ...kind,
    call: { ...kind.call, ...(kind.name === 'a conflict' && { body: { slug } }) },
  }))
}

describe('every error', () => {
  test('of the REST side has the same body', async ({ world }) => {
    for (const { path, call, status, code } of await prepared(world)) {
      expectError(await send(world.stack, path, call), { status, code })
    }
  })

  test('of the tRPC side has its shape, with our code in data', async ({ world }) => {
    for (const { name, call, status, code, trpc } of await prepared(world)) {
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
