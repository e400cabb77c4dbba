import { describe, expect, test } from 'vitest'
import { studiosError } from '../../src/client.ts'
import { type Answer, send } from './calls.ts'
import { ownWorld } from './own-stack.ts'

const limited = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset']

function limitsOf({ headers }: Answer): (number | undefined)[] {
  return limited.map((name) => (headers.has(name) ? Number(headers.get(name)) : undefined))
}

describe('the rate limit', () => {
  test('by user lets each person make their calls, and says how many are left', async () => {
    const world = await ownWorld({ REQUESTS_PER_MINUTE_PER_USER: '3' })
    const [ana, bob] = await Promise.all([world.signUp(), world.signUp()])
    const call = (token: string) => send(world.stack, '/api/v1/me', { token })
    const [first, second, third, fourth] = [
      await call(ana.accessToken),
      await call(ana.accessToken),
      await call(ana.accessToken),
      await call(ana.accessToken),
    ]
    expect([first, second, third].map(({ status }) => status)).toEqual([200, 200, 200])
    expect(limitsOf(second).slice(0, 2)).toEqual([3, 1])
    expect(fourth).toMatchObject({ status: 429, body: { code: 'TOO_MANY_REQUESTS', issues: [] } })
    expect(limitsOf(fourth).slice(0, 2)).toEqual([3, 0])
    const wait = Number(fourth.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(60)
    expect((await call(bob.accessToken)).status).toBe(200)
    const trpc = await ana.api.me.profile.query().catch(studiosError)
    expect(trpc).toMatchObject({ code: 'TOO_MANY_REQUESTS', httpStatus: 429 })
  })

  test('by address counts everybody behind it, signed in or not', async () => {
    const world = await ownWorld({ REQUESTS_PER_MINUTE_PER_ADDRESS: '4' })
    const ana = await world.signUp()
    const call = (token?: string) => send(world.stack, '/api/v1/me', { token })
    expect((await call(ana.accessToken)).status).toBe(200)
    expect((await call('not-a-token')).status).toBe(401)
    expect((await call()).status).toBe(401)
    expect(limitsOf(await call(ana.accessToken)).slice(0, 2)).toEqual([4, 0])
    for (const token of [ana.accessToken, undefined, 'not-a-token']) {
      const refused = await call(token)
      expect(refused).toMatchObject({ status: 429, body: { code: 'TOO_MANY_REQUESTS' } })
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    const health = await send(world.stack, '/health/live')
    expect([health.status, ...limitsOf(health)]).toEqual([200, undefined, undefined, undefined])
  })

  test('believes in a forwarded address only behind a trusted proxy', async () => {
    const variables = { REQUESTS_PER_MINUTE_PER_ADDRESS: '1' }
    const [direct, proxied] = await Promise.all([ownWorld(variables), ownWorld({ ...variables, TRUST_PROXY: 'true' })])
    const statuses = async ({ stack }: typeof direct) => {
      const from = (address: string) => send(stack, '/api/v1/me', { headers: { 'x-forwarded-for': address } })
      return [(await from('192.0.2.1')).status, (await from('192.0.2.2')).status]
    }
    expect(await statuses(direct)).toEqual([401, 429])
    expect(await statuses(proxied)).toEqual([401, 401])
  })
})
