import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFailure, readSession, sorted } from './support/answers.ts'
import { bearer, password, Stack, someEmail } from './support/stack.ts'

describe('a session', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start()
  })

  afterAll(() => stack.stop())

  test('is answered at top level with every field a client needs', async () => {
    const before = Math.floor(stack.now() / 1000)
    const response = await stack.fetch('/signup', { json: { email: someEmail(), password } })
    const body = await readSession(response)
    expect(response.status).toBe(200)
    expect(sorted(Object.keys(body))).toEqual([
      'access_token',
      'expires_at',
      'expires_in',
      'refresh_token',
      'token_type',
      'user',
    ])
    expect(body.token_type).toBe('bearer')
    expect(body.expires_in).toBe(900)
    expect(body.expires_at).toBeGreaterThanOrEqual(before + 900)
    expect(body.expires_at).toBe(decodeJwt(body.access_token).exp)
    expect(body.refresh_token).toMatch(/^[a-z0-9]{12}$/)
  })

  test('shows the user with the claims of its identity in user_metadata', async () => {
    const email = someEmail()
    const response = await stack.fetch('/signup', { json: { email, password, data: { name: 'Ana', sub: 'forged' } } })
    const { user } = await readSession(response)
    const identityData = { email, email_verified: false, phone_verified: false, sub: user.id }
    expect(user).toMatchObject({
      aud: 'authenticated',
      role: 'authenticated',
      email,
      phone: '',
      is_anonymous: false,
      app_metadata: { provider: 'email', providers: ['email'] },
    })
    expect(user.user_metadata).toEqual({ ...identityData, email_verified: true, name: 'Ana' })
    expect(user.identities).toHaveLength(1)
    expect(user.identities[0]).toMatchObject({
      id: user.id,
      user_id: user.id,
      provider: 'email',
      email,
      identity_data: identityData,
    })
    expect(user.identities[0]?.identity_id).not.toBe(user.id)
    expect(user.confirmed_at).toBe(user.email_confirmed_at)
    expect(JSON.stringify(user)).not.toContain('argon2')
  })

  test('has an ES256 access token that the public keys verify', async () => {
    const { email, id, session } = await stack.person()
    const keys = createRemoteJWKSet(new URL(stack.server.jwksUrl))
    const options = { issuer: stack.server.issuer, audience: 'authenticated', algorithms: ['ES256'] }
    const { payload, protectedHeader } = await jwtVerify(session.access_token, keys, options)
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'JWT', kid: stack.keys.signingKeys[0]?.kid })
    expect(payload).toMatchObject({
      sub: id,
      email,
      phone: '',
      role: 'authenticated',
      aal: 'aal1',
      is_anonymous: false,
    })
    expect(payload.aud).toBe('authenticated')
    expect(payload['amr']).toEqual([{ method: 'password', timestamp: expect.any(Number) }])
    expect(payload['session_id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(payload['user_metadata']).toMatchObject({ sub: id, email })
    expect(payload.jti).toBeUndefined()
  })

  test('is a row that another service can look up by the token', async () => {
    const { id, session } = await stack.person()
    const sessionId = decodeJwt(session.access_token)['session_id']
    const found = await stack.sql.query('select user_id, aal, user_agent from auth.sessions where id = $1', [sessionId])
    expect(found.rows[0]).toMatchObject({ user_id: id, aal: 'aal1' })
  })

  test.each([
    ['no token', '', 401, 'no_authorization'],
    ['another scheme', 'Basic YTpi', 401, 'no_authorization'],
    ['no JWT', 'Bearer abc', 403, 'bad_jwt'],
  ])('%s is refused', async (_name, authorization, status, code) => {
    const legacy = await sharedSecretToken('anon')
    const headers: Record<string, string> = authorization ? { authorization } : {}
    const response = await stack.fetch('/user', { headers: { apikey: legacy, ...headers } })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error_code: code })
  })

  test('a token signed by somebody else is refused, and so is one with a changed claim', async () => {
    const { session } = await stack.person()
    const [header, , signature] = session.access_token.split('.')
    const changed = Buffer.from(JSON.stringify({ ...decodeJwt(session.access_token), email: 'x@y.z' })).toString(
      'base64url',
    )
    const foreign = await foreignToken(session.access_token)
    for (const token of [`${header}.${changed}.${signature}`, foreign]) {
      const response = await stack.fetch('/user', { headers: bearer(token) })
      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({
        error_code: 'bad_jwt',
        msg: 'invalid JWT: unable to parse or verify signature, token signature is invalid',
      })
    }
  })

  test('a token is refused once it has expired', async () => {
    const { session } = await stack.person()
    expect((await stack.fetch('/user', { headers: bearer(session.access_token) })).status).toBe(200)
    stack.advance(901)
    const response = await stack.fetch('/user', { headers: bearer(session.access_token) })
    expect(response.status).toBe(403)
    expect((await readFailure(response)).msg).toMatch(/token is expired/)
  })

  test('a genuine token without a person, or for one who is gone, is refused', async () => {
    const { id } = await stack.person()
    const cases = [
      [{}, 403, 'bad_jwt', 'invalid claim: missing sub claim'],
      [{ sub: 'ana' }, 400, 'bad_jwt', 'invalid claim: sub claim must be a UUID'],
      [{ sub: crypto.randomUUID() }, 403, 'user_not_found', 'User from sub claim in JWT does not exist'],
      [
        { sub: id, session_id: crypto.randomUUID() },
        403,
        'session_not_found',
        'Session from session_id claim in JWT does not exist',
      ],
    ] as const
    for (const [claims, status, code, msg] of cases) {
      const response = await stack.fetch('/user', { headers: bearer(await sharedSecretToken('authenticated', claims)) })
      expect(response.status).toBe(status)
      expect(await response.json()).toMatchObject({ error_code: code, msg })
    }
  })

  test('a session of one user does not vouch for another', async () => {
    const [ana, bob] = await Promise.all([stack.person(), stack.person()])
    const { session_id } = decodeJwt(bob.session.access_token)
    const token = await sharedSecretToken('authenticated', { sub: ana.id, session_id })
    expect((await stack.fetch('/user', { headers: bearer(token) })).status).toBe(403)
  })

  function sharedSecretToken(role: string, claims: object = {}): Promise<string> {
    const secret = new TextEncoder().encode(stack.keys.legacyJwtSecret)
    return new SignJWT({ role, ...claims }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h').sign(secret)
  }
})

/** The same claims and key id under a key of somebody else's. */
async function foreignToken(token: string): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256')
  return await new SignJWT(decodeJwt(token))
    .setProtectedHeader({ ...decodeProtectedHeader(token), alg: 'ES256' })
    .sign(privateKey)
}
