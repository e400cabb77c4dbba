import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLegacyKey, createSupabaseKeys } from '../../../src/embedded/supabase/index.ts'
import { loadKeyRing } from '../../../src/embedded/supabase/key-ring.ts'
import { bearer, password, Stack, someEmail } from './support/stack.ts'

describe('the gateway', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start()
  })

  afterAll(() => stack.stop())

  test('asks for an API key, and for a right one', async () => {
    const { publishableKey, secretKey } = stack.keys
    const other = await createSupabaseKeys()
    const cases: [Record<string, string>, number][] = [
      [{}, 401],
      [{ apikey: 'nonsense' }, 401],
      [{ apikey: other.publishableKey }, 401],
      [{ apikey: createLegacyKey('another secret', 'service_role') }, 401],
      [{ apikey: publishableKey, ...bearer(secretKey) }, 401],
      [{ apikey: publishableKey }, 200],
      [{ apikey: publishableKey, ...bearer(publishableKey) }, 200],
      [{ apikey: createLegacyKey(stack.keys.legacyJwtSecret ?? '', 'anon') }, 200],
    ]
    for (const [headers, status] of cases) {
      const response = await fetch(`${stack.server.url}/auth/v1/settings`, { headers })
      expect(response.status).toBe(status)
    }
    expect((await fetch(`${stack.server.url}/auth/v1/settings?apikey=${publishableKey}`)).status).toBe(200)
  })

  test('a person’s token is no API key', async () => {
    const { session } = await stack.person()
    const headers = { apikey: session.access_token }
    expect((await fetch(`${stack.server.url}/auth/v1/settings`, { headers })).status).toBe(401)
  })

  test('the secret key is refused to browsers', async () => {
    const headers = { apikey: stack.keys.secretKey, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' }
    const response = await fetch(`${stack.server.url}/auth/v1/admin/users`, { headers })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ message: 'Forbidden use of secret API key in browser' })
  })

  test.each(['health', '.well-known/jwks.json', '.well-known/openid-configuration'])(
    '%s needs no key',
    async (path) => {
      expect((await fetch(`${stack.server.url}/auth/v1/${path}`)).status).toBe(200)
    },
  )

  test('pages of any origin may call and read the version header', async () => {
    const headers = { origin: 'http://app.test', 'access-control-request-method': 'PUT' }
    const preflight = await fetch(`${stack.server.url}/auth/v1/user`, { method: 'OPTIONS', headers })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('http://app.test')
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT')
    for (const name of ['apikey', 'authorization', 'x-client-info', 'x-supabase-api-version']) {
      expect(preflight.headers.get('access-control-allow-headers')).toContain(name)
    }
    const refused = await fetch(`${stack.server.url}/auth/v1/user`, { headers })
    expect(refused.headers.get('access-control-allow-origin')).toBe('http://app.test')
    expect(refused.headers.get('access-control-expose-headers')).toContain('X-Supabase-Api-Version')
  })

  test('pages of any origin may upload in parts and read what they are told of it', async () => {
    const headers = { origin: 'http://app.test', 'access-control-request-method': 'PATCH' }
    const preflight = await fetch(`${stack.server.url}/storage/v1/upload/resumable`, { method: 'OPTIONS', headers })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH')
    for (const name of ['tus-resumable', 'upload-length', 'upload-metadata', 'upload-offset', 'x-upsert', 'range']) {
      expect(preflight.headers.get('access-control-allow-headers')).toContain(name)
    }
    for (const name of ['Location', 'Upload-Offset', 'Tus-Resumable', 'ETag', 'Content-Range']) {
      expect(preflight.headers.get('access-control-expose-headers') ?? '').toContain(name)
    }
  })

  test('health, settings and keys have the shapes of Supabase', async () => {
    const read = async (path: string) => (await stack.fetch(path)).json()
    expect(await read('/health')).toMatchObject({ name: 'GoTrue', version: expect.any(String) })
    expect(await read('/settings')).toMatchObject({
      external: { email: true, phone: false, anonymous_users: false, github: false },
      disable_signup: false,
      mailer_autoconfirm: true,
      saml_enabled: false,
    })
    const [jwk] = stack.keys.signingKeys
    expect(await read('/.well-known/jwks.json')).toEqual({
      keys: [
        { kty: 'EC', crv: 'P-256', x: jwk?.x, y: jwk?.y, alg: 'ES256', kid: jwk?.kid, use: 'sig', key_ops: ['verify'] },
      ],
    })
    expect(await read('/.well-known/openid-configuration')).toMatchObject({
      issuer: stack.server.issuer,
      jwks_uri: stack.server.jwksUrl,
    })
    const headers = (await stack.fetch('/.well-known/jwks.json')).headers
    expect(headers.get('cache-control')).toBe('public, max-age=600')
  })

  test('the storage folder is really tried', async () => {
    const ask = () => fetch(`${stack.server.url}/storage/v1/status`)
    const folder = join(stack.dataDir, 'storage')
    expect((await ask()).status).toBe(200)
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'in the way')
    expect((await ask()).status).toBe(503)
    rmSync(folder)
    expect((await ask()).status).toBe(200)
  })

  test('what Storage does not know it says in its own way', async () => {
    const response = await fetch(`${stack.server.url}/storage/v1/x`, { headers: { apikey: stack.keys.secretKey } })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ statusCode: '404', error: 'Not Found', code: 'InvalidRequest' })
  })
})

describe('signing keys', () => {
  const now = Date.now()
  const claims = { sub: 'ana', exp: Math.floor(now / 1000) + 60 }

  test('RS256 signs when it is the one that may; the older key still verifies', async () => {
    const old = await createSupabaseKeys()
    const { privateKey } = await generateKeyPair('RS256', { extractable: true })
    const fresh = { ...(await exportJWK(privateKey)), kid: 'fresh', alg: 'RS256', key_ops: ['sign', 'verify'] }
    const retired = old.signingKeys.map((jwk) => ({ ...jwk, key_ops: ['verify'] }))
    const ring = await loadKeyRing({ ...old, signingKeys: [...retired, fresh] })
    const token = await ring.sign(claims)
    expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({
      alg: 'RS256',
      kid: 'fresh',
    })
    expect(await ring.verify(token, now)).toMatchObject({ sub: 'ana' })
    expect(await ring.verify(await (await loadKeyRing(old)).sign(claims), now)).toMatchObject({ sub: 'ana' })
    expect(JSON.stringify(ring.jwks)).not.toMatch(/"(d|p|q|dp|dq|qi)":/)
  })

  test('the shared secret verifies only tokens without kid, and only where there is one', async () => {
    const keys = await createSupabaseKeys()
    const legacy = createLegacyKey(keys.legacyJwtSecret ?? '', 'anon', now)
    expect(await (await loadKeyRing(keys)).verify(legacy, now)).toMatchObject({ role: 'anon' })
    const { legacyJwtSecret: _, ...without } = keys
    await expect((await loadKeyRing(without)).verify(legacy, now)).rejects.toThrow(/signing method/)
    await expect((await loadKeyRing({ ...keys, signingKeys: [] })).sign(claims)).resolves.toMatch(/^eyJ/)
    await expect(loadKeyRing({ ...without, signingKeys: [] })).rejects.toThrow(/signing key/)
  })

  test.each(['none', 'HS256'])('a token of algorithm %s under the public key is refused', async (alg) => {
    const keys = await createSupabaseKeys()
    const [jwk] = keys.signingKeys
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const token = `${encode({ alg, kid: jwk?.kid, typ: 'JWT' })}.${encode(claims)}.`
    await expect((await loadKeyRing(keys)).verify(token, now)).rejects.toThrow()
    await expect((await loadKeyRing(keys)).verify(token.replace('.', 'x.'), now)).rejects.toThrow()
  })

  test('two servers with the same keys take each other’s tokens', async () => {
    const stack = await Stack.start()
    const twin = await stack.another({})
    const { data } = await stack.client().auth.signUp({ email: someEmail(), password })
    const headers = bearer(data.session?.access_token ?? '')
    expect((await stack.fetch('/user', { headers, server: twin })).status).toBe(200)
    await stack.stop()
  })
})
