import { describe, expect } from 'vitest'
import { test } from '../support/world.ts'
import { send } from './calls.ts'

describe('the tRPC side', () => {
  test('answers calls that travel together each for itself', async ({ world }) => {
    const { accessToken: token } = await world.signUp()
    const input = encodeURIComponent(JSON.stringify({ 1: { limit: 0 } }))
    const { status, body } = await send(world.stack, `/trpc/me.companies,companies.list?batch=1&input=${input}`, {
      token,
    })
    expect(status).toBe(207)
    expect(body).toMatchObject([
      { result: { data: { items: [] } } },
      { error: { data: { code: 'BAD_REQUEST', issues: [{ path: 'limit' }] } } },
    ])
  })

  test('takes a hundred calls at the same moment and refuses more in one request', async ({ world }) => {
    const { admin, id: companyId } = await world.company()
    const calls = Array.from({ length: 100 }, () => admin.api.companies.members.list.query({ companyId }))
    for (const { items } of await Promise.all(calls)) expect(items).toHaveLength(3)
    const path = Array.from({ length: 101 }, () => 'me.profile').join(',')
    const refused = await send(world.stack, `/trpc/${path}?batch=1&input={}`, { token: admin.accessToken })
    expect(refused.status).toBe(400)
    expect(JSON.stringify(refused.body)).toContain('BAD_REQUEST')
  })

  test('reads by GET and writes by POST', async ({ world }) => {
    const { accessToken: token } = await world.signUp()
    const input = encodeURIComponent(JSON.stringify({ fullName: 'By Get' }))
    const written = await send(world.stack, `/trpc/me.update?input=${input}`, { token })
    expect(written).toMatchObject({ status: 405, body: { error: { data: { code: 'BAD_REQUEST' } } } })
    expect((await send(world.stack, '/trpc/me.profile', { token })).body).not.toMatchObject({
      result: { data: { fullName: 'By Get' } },
    })
  })
})
