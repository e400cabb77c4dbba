import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFailure } from './support/answers.ts'
import { Stack } from './support/stack.ts'

const wrongLogin = { email: 'nobody@example.com', password: 'wrong-password-1' }

describe('errors of Auth', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start()
  })

  afterAll(() => stack.stop())

  test('a client that names the interface of 2024 gets the code as text and the version back', async () => {
    const headers = { 'x-supabase-api-version': '2024-01-01' }
    const response = await stack.fetch('/token?grant_type=password', { json: wrongLogin, headers })
    expect(response.status).toBe(400)
    expect(response.headers.get('x-supabase-api-version')).toBe('2024-01-01')
    expect(response.headers.get('x-sb-error-code')).toBe('invalid_credentials')
    expect(await response.json()).toEqual({ code: 'invalid_credentials', message: 'Invalid login credentials' })
  })

  test.each([undefined, '2023-12-31', 'latest'])(
    'a client that names %s gets the code as a number',
    async (version) => {
      const headers: Record<string, string> = version ? { 'x-supabase-api-version': version } : {}
      const response = await stack.fetch('/token?grant_type=password', { json: wrongLogin, headers })
      expect(response.headers.get('x-supabase-api-version')).toBeNull()
      expect(response.headers.get('x-sb-error-code')).toBe('invalid_credentials')
      expect(await response.json()).toEqual({
        code: 400,
        error_code: 'invalid_credentials',
        msg: 'Invalid login credentials',
      })
    },
  )

  test('supabase-js reads code, message and reasons', async () => {
    const login = await stack.client().auth.signInWithPassword(wrongLogin)
    expect(login.error).toMatchObject({
      code: 'invalid_credentials',
      status: 400,
      message: 'Invalid login credentials',
    })
    const weak = await stack.client().auth.signUp({ email: 'a@example.com', password: 'short' })
    expect(weak.error).toMatchObject({
      name: 'AuthWeakPasswordError',
      code: 'weak_password',
      reasons: ['length', 'characters'],
    })
  })

  test.each([
    ['{', 'bad_json'],
    ['[]', 'bad_json'],
    ['{"email":5,"password":"x"}', 'bad_json'],
    ['{"email":"a@example.com","password":"nul-\\u0000-0000"}', 'bad_json'],
    ['{"email":"a@example.com","password":"half-\\ud800-0000"}', 'bad_json'],
    ['', 'bad_json'],
    ['{}', 'validation_failed'],
  ])('the body %s is refused', async (body, code) => {
    const response = await stack.fetch('/token?grant_type=password', { method: 'POST', body })
    expect(response.status).toBe(400)
    expect((await readFailure(response)).error_code).toBe(code)
  })

  test('a body over a megabyte is refused', async () => {
    const response = await stack.fetch('/signup', { json: { email: 'a@example.com', data: 'x'.repeat(1_048_577) } })
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ code: 413, error_code: 'request_entity_too_large' })
  })

  test('a body nested beyond measure is refused', async () => {
    const nested = '['.repeat(400_000) + ']'.repeat(400_000)
    const body = `{"email":"a@example.com","password":"long-enough-1","data":{"x":${nested}}}`
    const response = await stack.fetch('/signup', { method: 'POST', body })
    expect(response.status).toBe(400)
  })

  test.each([
    ['GET', '/authorize?provider=github', 400, 'validation_failed'],
    ['POST', '/sso', 404, 'saml_provider_disabled'],
    ['POST', '/factors', 422, 'mfa_totp_enroll_not_enabled'],
    ['GET', '/user/identities/authorize', 404, 'manual_linking_disabled'],
    ['POST', '/token?grant_type=id_token', 400, 'provider_disabled'],
    ['POST', '/token?grant_type=web3', 422, 'web3_provider_disabled'],
    ['POST', '/token?grant_type=magic', 400, 'invalid_credentials'],
    ['POST', '/token', 400, 'invalid_credentials'],
    ['POST', '/oauth/token', 404, 'feature_disabled'],
    ['GET', '/nowhere', 404, 'unknown'],
  ])('%s %s is answered with %i %s', async (method, path, status, code) => {
    const response = await stack.fetch(path, { method })
    expect(response.status).toBe(status)
    expect((await readFailure(response)).error_code).toBe(code)
  })

  test('a fault of ours is one sentence with an id, and never shows SQL', async () => {
    await stack.sql.query('alter table auth.users rename to users_away')
    const response = await stack.fetch('/token?grant_type=password', { json: wrongLogin })
    await stack.sql.query('alter table auth.users_away rename to users')
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(JSON.parse(text)).toMatchObject({
      code: 500,
      error_code: 'unexpected_failure',
      error_id: expect.any(String),
    })
    expect(text).not.toMatch(/select|relation|users/i)
  })
})
