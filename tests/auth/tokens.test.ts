import { afterEach, describe, expect, vi } from 'vitest'
import { send } from '../http/calls.ts'
import { type Person, test, type World } from '../support/world.ts'
import { resigned, signedByHmac, signedByStranger, unsigned } from './forged-tokens.ts'

const now = () => Math.floor(Date.now() / 1000)
const nobody = '00000000-0000-4000-8000-000000000000'

/** What each forged or spent token is, and how it is made from a genuine one. */
const refused: [name: string, forge: (genuine: string, world: World) => string | Promise<string>][] = [
  ['nothing', () => ''],
  ['garbage', () => 'garbage'],
  ['three empty parts', () => '..'],
  ['a genuine one with its end cut off', (token) => token.slice(0, -4)],
  ['one that has expired', (token) => resigned(token, { exp: now() - 1 })],
  ['one that never expires', (token) => resigned(token, { exp: undefined })],
  ['one that counts from tomorrow', (token) => resigned(token, { nbf: now() + 86_400 })],
  ["another issuer's", (token) => resigned(token, { iss: 'https://elsewhere.example/auth/v1' })],
  ["another audience's", (token) => resigned(token, { aud: 'another-service' })],
  ['one that nobody signed', (token) => unsigned(token, 'none')],
  ['one that nobody signed, in capitals', (token) => unsigned(token, 'NONE')],
  [
    'one that is signed with the published key',
    (token, { stack }) => signedByHmac(token, stack.supabase.publishableKey),
  ],
  [
    'one that is signed with the key set',
    async (token, { stack }) => signedByHmac(token, await keySet(stack.connections)),
  ],
  ["one signed with a stranger's key", (token) => signedByStranger(token)],
  ['one of an unknown key', (token) => resigned(token, {}, { kid: 'unknown' })],
  ['one of no key', (token) => resigned(token, {}, { kid: undefined })],
  ['one of the service role', (token) => resigned(token, { role: 'service_role' })],
  ['one of no session', (token) => resigned(token, { session_id: undefined })],
  ['one of a session that there is not', (token) => resigned(token, { session_id: nobody })],
  ["one of somebody else's session", (token) => resigned(token, { sub: nobody })],
  ['one of an odd person', (token) => resigned(token, { sub: `' or true --` })],
  ['an anonymous one', (token) => resigned(token, { is_anonymous: true })],
  ['the published key itself', (_, { stack }) => stack.supabase.publishableKey],
  ['the secret key', (_, { stack }) => stack.supabase.secretKey],
]

async function keySet({ supabase }: World['stack']['connections']): Promise<string> {
  return (await fetch(supabase.jwksUrl)).text()
}

describe('a token', () => {
  test.for(refused)('is refused when it is %s', async ([, forge], { world }) => {
    const { accessToken } = await world.signUp()
    const token = await forge(accessToken, world)
    for (const path of ['/api/v1/me', '/trpc/me.profile']) {
      const answer = await send(world.stack, path, { headers: { authorization: `Bearer ${token}` } })
      expect(answer.status).toBe(401)
      const { error, code = error?.data.code } = Object(answer.body)
      expect(code).toBe('UNAUTHORIZED')
    }
    expect((await send(world.stack, '/api/v1/me', { token: accessToken })).status).toBe(200)
  })

  test('is refused under another scheme than Bearer', async ({ world }) => {
    const { accessToken } = await world.signUp()
    for (const authorization of [accessToken, `Basic ${accessToken}`, `Bearer`, `Bearer ${accessToken} x`])
      expect((await send(world.stack, '/api/v1/me', { headers: { authorization } })).status).toBe(401)
  })

  test('signed anew by Auth is accepted, so that the refusals above are for their reason', async ({ world }) => {
    const { accessToken } = await world.signUp()
    const token = await resigned(accessToken, { exp: now() + 30 })
    expect((await send(world.stack, '/api/v1/me', { token })).status).toBe(200)
  })
})

describe('a remembered token', () => {
  afterEach(() => void vi.useRealTimers())

  const status = async (world: World, { accessToken: token }: Person) =>
    (await send(world.stack, '/api/v1/me', { token })).status

  test('is refused from the second at which it expires', async ({ world }) => {
    const ana = await world.signUp()
    expect(await status(world, ana)).toBe(200)
    const { exp } = JSON.parse(Buffer.from(ana.accessToken.split('.')[1] ?? '', 'base64url').toString())
    vi.useFakeTimers({ toFake: ['Date'], now: exp * 1000 - 1 })
    expect(await status(world, ana)).toBe(200)
    vi.setSystemTime(exp * 1000)
    expect(await status(world, ana)).toBe(401)
  })

  test('is never taken for another with the same beginning', async ({ world }) => {
    const [ana, bob] = await Promise.all([world.signUp(), world.signUp()])
    expect([await status(world, ana), await status(world, bob)]).toEqual([200, 200])
    const [header, claims] = ana.accessToken.split('.')
    const mixed = `${header}.${claims}.${bob.accessToken.split('.')[2]}`
    expect((await send(world.stack, '/api/v1/me', { token: mixed })).status).toBe(401)
  })
})
