import { describe, expect, test as plainTest } from 'vitest'
import { test } from '../support/world.ts'
import { send } from './calls.ts'
import { ownWorld } from './own-stack.ts'

const generated = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

describe('a request id', () => {
  test('is made for every call and is in the headers, the error body and the log', async ({ world }) => {
    const { headers, body } = await send(world.stack, '/api/v1/me')
    const id = headers.get('x-request-id') ?? ''
    expect(id).toMatch(generated)
    expect(body).toMatchObject({ requestId: id })
    expect(world.stack.logs.filter((line) => line.includes(id)).length).toBeGreaterThan(0)
  })

  test('of the caller is kept through both sides when it is harmless', async ({ world }) => {
    const id = 'caller-0123.456_789'
    for (const path of ['/api/v1/me', '/trpc/me.profile', '/health/live', '/nowhere']) {
      const { headers, body } = await send(world.stack, path, { headers: { 'x-request-id': id } })
      expect(headers.get('x-request-id')).toBe(id)
      const { error, requestId = error?.data.requestId } = Object(body)
      if (path !== '/health/live') expect(requestId).toBe(id)
    }
  })

  test('of the caller is replaced when it is not', async ({ world }) => {
    for (const id of ['short', 'x'.repeat(65), 'with space in it', '{"level":"fatal"}']) {
      const { headers } = await send(world.stack, '/api/v1/me', { headers: { 'x-request-id': id } })
      expect(headers.get('x-request-id')).toMatch(generated)
    }
  })
})

describe('security headers', () => {
  test('are on every answer, errors among them', async ({ world }) => {
    for (const path of ['/api/v1/me', '/trpc/system.info', '/health/ready', '/nowhere', '/docs/']) {
      const { headers } = await send(world.stack, path)
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'no-referrer',
        'strict-transport-security': expect.stringContaining('max-age='),
      })
      expect(headers.has('x-powered-by')).toBe(false)
    }
  })
})

describe('other origins', () => {
  const preflight = (origin: string, method: string) => ({
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'authorization' },
  })

  plainTest('are let in when they are configured, with every method and the headers they need to read', async () => {
    const { stack } = await ownWorld({ CORS_ORIGINS: 'https://app.example.com, https://admin.example.com' })
    const origin = 'https://admin.example.com'
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
      const { status, headers } = await send(stack, '/api/v1/me', preflight(origin, method))
      expect(status).toBe(204)
      expect(headers.get('access-control-allow-origin')).toBe(origin)
      expect(headers.get('access-control-allow-methods')).toContain(method)
      expect(headers.get('access-control-allow-headers')).toContain('authorization')
    }
    const { headers } = await send(stack, '/api/v1/me', { headers: { origin } })
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    for (const name of ['x-request-id', 'retry-after', 'ratelimit-remaining'])
      expect(headers.get('access-control-expose-headers')).toContain(name)
    const foreign = await send(stack, '/api/v1/me', { headers: { origin: 'https://app.example.com.evil.test' } })
    expect(foreign.headers.has('access-control-allow-origin')).toBe(false)
  })

  test('are kept out while none is configured', async ({ world }) => {
    for (const origin of ['https://app.example.com', 'null']) {
      const { headers } = await send(world.stack, '/api/v1/me', preflight(origin, 'GET'))
      expect(headers.has('access-control-allow-origin')).toBe(false)
    }
  })
})

describe('the reference page', () => {
  test('is served to anybody and reads the document', async ({ world }) => {
    const { status, headers, body } = await send(world.stack, '/docs/')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toContain('text/html')
    expect(body).toContain('/api/v1/openapi.json')
  })
})
