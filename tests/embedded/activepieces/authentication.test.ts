import { describe, expect, test } from 'vitest'
import { startEngine } from '../../../src/embedded/activepieces/index.ts'
import { Client, credentials, startTestEngine, temporaryFolder } from './support.ts'

const person = { ...credentials, firstName: 'Ana', lastName: 'Lima', trackEvents: false, newsLetter: false }

async function emptyEngine() {
  const engine = await startEngine({ dataDir: temporaryFolder() })
  return { engine, client: new Client(engine.url) }
}

describe('the first account', () => {
  test('signs up without a platform, makes one, and gets its project', async () => {
    const { engine, client } = await emptyEngine()
    const signedUp = await client.call('POST', '/authentication/sign-up', person)
    expect(signedUp).toMatchObject({ status: 200, body: { platformId: null, projectId: null } })
    await client.signIn()
    expect((await client.call('GET', '/projects')).status).toBe(403)
    const made = await client.call('POST', '/platforms', { name: 'Acme' })
    expect(made).toMatchObject({ status: 200, body: { platformRole: 'ADMIN' } })
    const { projectId } = await client.signIn()
    expect((await client.call('GET', `/projects/${projectId}`)).body).toMatchObject({ displayName: "Acme's Project" })
    await engine.close()
  })

  test('cannot use the onboarding token once the platform exists', async () => {
    const { engine, client } = await emptyEngine()
    await client.call('POST', '/authentication/sign-up', person)
    await client.signIn()
    await client.call('POST', '/platforms', { name: 'Acme' })
    expect(await client.call('POST', '/platforms', { name: 'Acme' })).toMatchObject({
      status: 403,
      body: { code: 'SESSION_EXPIRED' },
    })
    await engine.close()
  })

  test('is the only one: a second sign-up needs an invitation', async () => {
    const { client } = await startTestEngine()
    const second = await client.call('POST', '/authentication/sign-up', { ...person, email: 'bob@example.com' })
    expect(second).toMatchObject({ status: 403, body: { code: 'INVITATION_ONLY_SIGN_UP' } })
  })

  test('cannot be registered twice', async () => {
    const { engine, client } = await emptyEngine()
    await client.call('POST', '/authentication/sign-up', person)
    const again = await client.call('POST', '/authentication/sign-up', { ...person, email: 'ANA@example.com' })
    expect(again).toMatchObject({ status: 409, body: { code: 'EXISTING_USER' } })
    await engine.close()
  })
})

describe('a token', () => {
  test('that is missing gets 403, a bad one 401 in the shape of the route', async () => {
    const { client } = await startTestEngine()
    const runs = `/flow-runs?projectId=${client.projectId}`
    client.token = ''
    expect(await client.call('GET', runs)).toMatchObject({ status: 403, body: { code: 'AUTHORIZATION' } })
    client.token = 'nonsense'
    expect(await client.call('GET', runs)).toMatchObject({ status: 401, body: { statusCode: 401 } })
    expect(await client.call('GET', '/projects')).toMatchObject({ status: 401, body: { code: 'INVALID_BEARER_TOKEN' } })
  })

  test('ends after seven days', async () => {
    let now = Date.now()
    const { client } = await startTestEngine({ now: () => now })
    expect((await client.call('GET', '/projects')).status).toBe(200)
    now += 7 * 24 * 3_600_000 + 1000
    expect((await client.call('GET', '/projects')).status).toBe(401)
    await client.signIn()
    expect((await client.call('GET', '/projects')).status).toBe(200)
  })

  test('of another engine is worth nothing', async () => {
    const [first, second] = [await startTestEngine(), await startTestEngine()]
    first.client.token = second.client.token
    expect((await first.client.call('GET', '/projects')).status).toBe(401)
  })

  test('does not open another project', async () => {
    const { client } = await startTestEngine()
    expect(await client.call('GET', '/flows?projectId=AAAAAAAAAAAAAAAAAAAAA')).toMatchObject({
      status: 404,
      body: { code: 'ENTITY_NOT_FOUND', params: { entityType: 'project' } },
    })
  })
})

test('fifty sign-ins a minute and caller, then 429 until the minute is over', async () => {
  let now = Date.now()
  const { client } = await startTestEngine({ now: () => now, limits: { authenticationPerMinute: 50 } })
  const attempt = (ip: string) => {
    const wrong = { email: 'nobody@example.com', password: 'wrong-password' }
    return client.call('POST', '/authentication/sign-in', wrong, { 'x-real-ip': ip })
  }
  const answers = await Promise.all(Array.from({ length: 50 }, () => attempt('10.0.0.1')))
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([401]))
  const refused = await attempt('10.0.0.1')
  expect(refused).toMatchObject({ status: 429, body: { statusCode: 429, error: 'Too Many Requests' } })
  expect(refused.headers.get('retry-after')).toBe('60')
  expect(refused.headers.get('x-ratelimit-remaining')).toBe('0')
  expect((await attempt('10.0.0.2')).status).toBe(401)
  now += 60_000
  expect((await attempt('10.0.0.1')).status).toBe(401)
})
