import { createHash } from 'node:crypto'
import bcrypt from 'bcryptjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPasswordHasher } from '../../../src/embedded/supabase/auth/passwords.ts'
import { otherPassword, password, Stack, someEmail } from './support/stack.ts'

describe('sign-in with a password', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start()
  })

  afterAll(() => stack.stop())

  test('a wrong password, an unknown address and an account without a password get the same answer', async () => {
    const { email } = await stack.person()
    const invited = someEmail()
    await stack.admin().auth.admin.createUser({ email: invited, email_confirm: true })
    const attempts = [
      { email, password: otherPassword },
      { email, password: '' },
      { email: someEmail(), password },
      { email: 'nonsense', password },
      { email: invited, password: '' },
      { email: invited, password },
    ]
    const answers = await Promise.all(
      attempts.map(async (json) => {
        const response = await stack.fetch('/token?grant_type=password', { json })
        return [response.status, await response.text()]
      }),
    )
    expect(new Set(answers.map(String)).size).toBe(1)
    expect(answers[0]?.[0]).toBe(400)
  })

  test('an unknown address costs the same hash as a known one', async () => {
    const hasher = createPasswordHasher({ memoryKiB: 64, passes: 1, parallelism: 1 })
    const hash = await hasher.hash(password)
    expect(await hasher.verify(password, hash)).toBe(true)
    expect(await hasher.verify(otherPassword, hash)).toBe(false)
    expect(await hasher.verify(password, undefined)).toBe(false)
    expect(await hasher.verify('', null)).toBe(false)
  })

  test.each([
    [{ password }, 400, 'validation_failed', 'missing email or phone'],
    [{ phone: '+491701234567', password }, 422, 'phone_provider_disabled', 'Phone logins are disabled'],
  ])('%o is refused', async (json, status, code, msg) => {
    const response = await stack.fetch('/token?grant_type=password', { json })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error_code: code, msg })
  })

  test('every attempt is in the audit log with its address', async () => {
    const { email, id } = await stack.person()
    await stack.client().auth.signInWithPassword({ email, password: otherPassword })
    await stack.signIn(email)
    expect(await stack.audit(id)).toEqual(['user_signedup', 'login_failed', 'login'])
    const stranger = someEmail()
    await stack.client().auth.signInWithPassword({ email: stranger, password })
    const found = await stack.sql.query(
      `select payload, ip_address from auth.audit_log_entries where payload ->> 'actor_username' = $1`,
      [stranger],
    )
    expect(found.rows).toHaveLength(1)
    expect(found.rows[0]).toMatchObject({
      ip_address: '127.0.0.1',
      payload: { action: 'login_failed', log_type: 'account' },
    })
  })

  test('somebody banned is told so only with the right password, and may come back afterwards', async () => {
    const { email, id, client } = await stack.person()
    await stack.admin().auth.admin.updateUserById(id, { ban_duration: '24h' })
    const wrong = await stack.client().auth.signInWithPassword({ email, password: otherPassword })
    expect(wrong.error).toMatchObject({ code: 'invalid_credentials' })
    const right = await stack.client().auth.signInWithPassword({ email, password })
    expect(right.error).toMatchObject({ code: 'user_banned', message: 'User is banned', status: 400 })
    expect((await client.auth.getUser()).error).toMatchObject({ code: 'user_banned', status: 403 })
    expect((await client.auth.refreshSession()).error).toMatchObject({ code: 'user_banned', status: 400 })
    await stack.admin().auth.admin.updateUserById(id, { ban_duration: 'none' })
    expect((await stack.signIn(email)).id).toBe(id)
  })

  test('a password that became too weak still opens, and says so', async () => {
    const email = someEmail()
    await stack.admin().auth.admin.createUser({ email, password: 'weak', email_confirm: true })
    const { data } = await stack.client().auth.signInWithPassword({ email, password: 'weak' })
    expect(data.weakPassword).toMatchObject({ reasons: ['length', 'characters'], message: expect.any(String) })
  })

  test('a hash brought along opens and is replaced by a better one', async () => {
    const email = someEmail()
    const old = await createPasswordHasher({ memoryKiB: 32, passes: 1, parallelism: 1 }).hash(password)
    const made = await stack.admin().auth.admin.createUser({ email, password_hash: old, email_confirm: true })
    expect((await stack.signIn(email)).id).toBe(made.data.user?.id)
    const stored = await stack.sql.query('select encrypted_password from auth.users where email = $1', [email])
    expect(stored.rows[0].encrypted_password).toMatch(/m=64,t=1,p=1/)
    expect((await stack.signIn(email)).id).toBe(made.data.user?.id)
  })

  test('a bcrypt hash from another Auth opens, for the right password only, and is replaced', async () => {
    const email = someEmail()
    const old = await bcrypt.hash(password, 4)
    await stack.admin().auth.admin.createUser({ email, password_hash: old, email_confirm: true })
    const wrong = await stack.client().auth.signInWithPassword({ email, password: otherPassword })
    expect(wrong.error).toMatchObject({ code: 'invalid_credentials' })
    await stack.signIn(email)
    const stored = await stack.sql.query('select encrypted_password from auth.users where email = $1', [email])
    expect(stored.rows[0].encrypted_password).toMatch(/^\$argon2id\$/)
  })

  test('after too many failures an account has to wait, whoever asks and even with the right password', async () => {
    const strict = await stack.another({ signInFailures: { perAccount: 3, perAddress: 1000, perSeconds: 300 } })
    const [{ email }, other] = [await stack.person(), await stack.person()]
    const attempt = (secret: string, to = email) =>
      stack.client(strict).auth.signInWithPassword({ email: to, password: secret })
    const guesses = await Promise.all(Array.from({ length: 6 }, () => attempt(otherPassword)))
    const codes = guesses.map((guess) => guess.error?.code).sort()
    expect(codes).toEqual([...Array(3).fill('invalid_credentials'), ...Array(3).fill('over_request_rate_limit')])
    expect((await attempt(password)).error).toMatchObject({ status: 429, message: 'Request rate limit reached' })
    expect((await attempt(password, other.email)).error).toBeNull()
    expect(await stack.audit(email)).toContain('login_throttled')
    stack.advance(301)
    expect((await attempt(password)).error).toBeNull()
  })

  test('an unknown address has to wait as a known one does', async () => {
    const strict = await stack.another({ signInFailures: { perAccount: 2, perAddress: 1000, perSeconds: 300 } })
    const stranger = someEmail()
    const attempt = () => stack.client(strict).auth.signInWithPassword({ email: stranger, password })
    const codes = [await attempt(), await attempt(), await attempt()].map((answer) => answer.error?.code)
    expect(codes).toEqual(['invalid_credentials', 'invalid_credentials', 'over_request_rate_limit'])
  })

  test('signing in rightly forgives; an address that fails on many accounts has to wait', async () => {
    const strict = await stack.another({
      signInFailures: { perAccount: 3, perAddress: 4, perSeconds: 300 },
      rateLimitHeader: 'x-real-ip',
    })
    const { email } = await stack.person()
    const attempt = async (address: string, to: string, secret: string) => {
      const init = { json: { email: to, password: secret }, headers: { 'x-real-ip': address }, server: strict }
      return (await stack.fetch('/token?grant_type=password', init)).status
    }
    for (let round = 0; round < 3; round++) {
      expect(await attempt('10.0.0.1', email, otherPassword)).toBe(400)
      expect(await attempt('10.0.0.1', email, password)).toBe(200)
    }
    expect(await attempt('10.0.0.1', someEmail(), password)).toBe(400)
    expect(await attempt('10.0.0.1', someEmail(), password)).toBe(429)
    expect(await attempt('10.0.0.2', email, password)).toBe(200)
  })

  test('requests of one address are limited, and refilled with time', async () => {
    const limit = { requests: 60, perSeconds: 60, burst: 2 }
    const { token: _, ...others } = { token: limit, mail: limit, verify: limit, anonymous: limit }
    const server = await stack.another({ rateLimits: { token: limit, ...others } })
    const ask = async () => (await stack.fetch('/token?grant_type=password', { json: {}, server })).status
    expect([await ask(), await ask(), await ask()]).toEqual([400, 400, 429])
    stack.advance(2)
    expect(await ask()).toBe(400)
  })

  test('what is stored for codes is the hash that Supabase stores', async () => {
    const { email } = await stack.person()
    await stack.client().auth.resetPasswordForEmail(email)
    const hash = createHash('sha224')
      .update(email + stack.lastMail(email).code)
      .digest('hex')
    const found = await stack.sql.query('select token_type from auth.one_time_tokens where token_hash = $1', [hash])
    expect(found.rows).toEqual([{ token_type: 'recovery_token' }])
  })
})
