import { describe, expect, test as plainTest } from 'vitest'
import { healthParts, healthReporter } from '../../src/health.ts'
import { test } from '../support/world.ts'
import { send } from './calls.ts'
import { ownWorld } from './own-stack.ts'

describe('the health of the product', () => {
  test('is up when every part is, each with its latency, for anybody to see', async ({ world }) => {
    expect(await send(world.stack, '/health/live')).toMatchObject({ status: 200, body: { status: 'up' } })
    const { status, body } = await send(world.stack, '/health/ready')
    expect([status, Object(body).status]).toEqual([200, 'up'])
    expect(Object.keys(Object(body))).toEqual(['status', ...healthParts])
    for (const part of healthParts) {
      expect(Object(body)[part]).toEqual({ state: 'up', latencyMs: expect.any(Number) })
      expect(Object(body)[part].latencyMs).toBeGreaterThan(0)
    }
  })

  plainTest('names each part that is down, while the process lives', async () => {
    const { stack } = await ownWorld()
    await stack.engine.stop()
    const { status, body } = await send(stack, '/health/ready')
    expect(status).toBe(503)
    expect(body).toMatchObject({
      status: 'down',
      database: { state: 'up' },
      engine: { state: 'down', latencyMs: expect.any(Number), message: expect.any(String) },
      auth: { state: 'up' },
      storage: { state: 'up' },
    })
    expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|ECONN|fetch/)
    expect((await send(stack, '/health/live')).status).toBe(200)
  })
})

describe('the report', () => {
  const fine = async () => undefined

  plainTest('is made at most once a second, however often it is asked for', async () => {
    let looks = 0
    let now = 0
    const database = async () => {
      looks += 1
    }
    const report = healthReporter({ database, engine: fine, auth: fine, storage: fine }, () => now)
    await Promise.all([report(), report(), report()])
    now = 1000
    await report()
    expect(looks).toBe(1)
    now = 1001
    await report()
    expect(looks).toBe(2)
  })

  plainTest('tells nothing of why a part is down but that it was silent', async () => {
    const engine = async () => {
      throw new Error('connect ECONNREFUSED 10.0.0.7:8080 password=secret')
    }
    const report = await healthReporter({ database: fine, engine, auth: fine, storage: fine })()
    expect(report.engine).toMatchObject({ state: 'down', message: 'it did not answer as it should' })
  })
})
