import type { World } from '../support/world.ts'
import type { Call } from './calls.ts'

const nothing = '00000000-0000-4000-8000-000000000000'
const companies = '/api/v1/companies'
const json = { 'content-type': 'application/json' }

/** One way in which a call can be wrong, and what it is answered with. */
export interface ErrorKind {
  name: string
  path: string
  call: Call
  status: number
  code: string
  /** Where tRPC's own protocol takes the same wrong call. */
  trpc?: string
}

function kinds({ id, token, viewer }: { id: string; token: string; viewer: string }): ErrorKind[] {
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
      call: { ...post, body: JSON.stringify({ name: 'x'.repeat(1024 * 1024) }) },
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

/** Every kind of wrong call, on a company of its own. */
export async function errorKinds(world: World): Promise<ErrorKind[]> {
  const { id, slug, admin, viewer } = await world.company()
  const token = admin.accessToken
  return kinds({ id, token, viewer: viewer.accessToken }).map((kind) => ({
    ...kind,
    call: { ...kind.call, ...(kind.name === 'a conflict' && { body: { slug } }) },
  }))
}
