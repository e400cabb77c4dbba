import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EmbeddedSupabase } from '../../../src/embedded/supabase/index.ts'
import { readFailure, readUser, sorted } from './support/answers.ts'
import { otherPassword, password, Stack, someEmail } from './support/stack.ts'

describe('sign-up', () => {
  let stack: Stack
  let careful: EmbeddedSupabase

  beforeAll(async () => {
    stack = await Stack.start()
    careful = await stack.another({ autoconfirm: false })
  })

  afterAll(() => stack.stop())

  test('an address is taken once, however it is written, also by two who come at once', async () => {
    const email = someEmail()
    const attempts = await Promise.all(
      [email, email.toUpperCase(), ` ${email} `].map((written) =>
        stack.fetch('/signup', { json: { email: written, password } }),
      ),
    )
    expect(attempts.map((response) => response.status).sort()).toEqual([200, 422, 422])
    const again = await stack.client().auth.signUp({ email, password: otherPassword })
    expect(again.error).toMatchObject({ code: 'user_already_exists', message: 'User already registered', status: 422 })
    expect(await stack.audit(email)).toContain('user_repeated_signup')
  })

  test('the address is kept in lower case', async () => {
    const email = someEmail()
    const { data } = await stack.client().auth.signUp({ email: email.toUpperCase(), password })
    expect(data.user?.email).toBe(email)
    const stored = await stack.sql.query('select email from auth.users where id = $1', [data.user?.id])
    expect(stored.rows[0].email).toBe(email)
    const signedIn = await stack.client().auth.signInWithPassword({ email: email.toUpperCase(), password })
    expect(signedIn.data.user?.id).toBe(data.user?.id)
  })

  test.each([
    [{ password: '' }, 400, 'validation_failed', 'Signup requires a valid password'],
    [{ password: `a1${'x'.repeat(71)}` }, 400, 'validation_failed', 'Password cannot be longer than 72 characters'],
    [{ password: 'short-1' }, 422, 'weak_password', 'Password should be at least 10 characters.'],
    [{ email: 'nonsense', password: 'short-1' }, 422, 'weak_password', 'Password should be at least 10 characters.'],
    [{ email: 'nonsense' }, 400, 'validation_failed', 'Unable to validate email address: invalid format'],
    [
      { email: `${'a'.repeat(250)}@example.com` },
      400,
      'validation_failed',
      'Unable to validate email address: invalid format',
    ],
    [{ email: '', phone: '+491701234567' }, 400, 'phone_provider_disabled', 'Phone signups are disabled'],
    [{ email: '' }, 422, 'anonymous_provider_disabled', 'Anonymous sign-ins are disabled'],
    [{ data: { x: 'x'.repeat(5000) } }, 400, 'validation_failed', 'user_metadata cannot be longer than 4096 bytes'],
    [{ code_challenge: 'x', code_challenge_method: '' }, 400, 'validation_failed', expect.any(String)],
  ])('%o is refused', async (part, status, code, msg) => {
    const response = await stack.fetch('/signup', { json: { email: someEmail(), password, ...part } })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ code: status, error_code: code, msg })
  })

  test.each([
    ['Axw1', ['length']],
    ['just-letters', ['characters']],
    ['1234567890123', ['characters', 'pwned']],
    ['Password123', ['pwned']],
    ['P@ssw0rd2024', ['pwned']],
    ['qwertyuiop1', ['pwned']],
    ['1qaz2wsx3edc', ['pwned']],
    ['abc1abc1abc1', ['pwned']],
    ['iLoveYou2026!', ['pwned']],
  ])('the password %s is too weak: %o', async (weak, reasons) => {
    const headers = { 'x-supabase-api-version': '2024-01-01' }
    const response = await stack.fetch('/signup', { json: { email: someEmail(), password: weak }, headers })
    expect(response.status).toBe(422)
    expect(await response.json()).toEqual({
      code: 'weak_password',
      message: expect.any(String),
      weak_password: { reasons },
    })
  })

  test('passwords are stored as argon2id and appear in no log', async () => {
    const { id } = await stack.person()
    const stored = await stack.sql.query('select encrypted_password from auth.users where id = $1', [id])
    expect(stored.rows[0].encrypted_password).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(stack.logged.join()).not.toContain(password)
  })

  test('signing up can be switched off', async () => {
    const closed = await stack.another({ disableSignup: true })
    const { error } = await stack.client(closed).auth.signUp({ email: someEmail(), password })
    expect(error).toMatchObject({ code: 'signup_disabled', status: 422 })
    const mailless = await stack.another({ emailEnabled: false })
    const off = await stack.client(mailless).auth.signUp({ email: someEmail(), password })
    expect(off.error).toMatchObject({ code: 'email_provider_disabled', status: 400 })
  })

  test('anonymous users can be switched on; a first address makes them ordinary ones', async () => {
    const client = stack.client(await stack.another({ anonymousUsers: true }))
    const { data } = await client.auth.signInAnonymously({ options: { data: { theme: 'dark' } } })
    expect(data.user).toMatchObject({ is_anonymous: true, app_metadata: {}, identities: [], email: '' })
    expect(data.user?.user_metadata).toEqual({ theme: 'dark' })
    const email = someEmail()
    const updated = await client.auth.updateUser({ email, password })
    expect(updated.error, stack.logged.join()).toBeNull()
    expect(updated.data.user).toMatchObject({ id: data.user?.id, email, is_anonymous: false })
    expect((await stack.signIn(email)).id).toBe(data.user?.id)
  })

  test('with confirmation the answer is a user without a session, who cannot sign in yet', async () => {
    const email = someEmail()
    const client = stack.client(careful)
    const { data, error } = await client.auth.signUp({ email, password, options: { data: { name: 'Ana' } } })
    expect(error).toBeNull()
    expect(data.session).toBeNull()
    expect(data.user).toMatchObject({ email, confirmation_sent_at: expect.any(String) })
    expect(data.user?.user_metadata).toMatchObject({ name: 'Ana', email, email_verified: false, sub: data.user?.id })
    const early = await client.auth.signInWithPassword({ email, password })
    expect(early.error).toMatchObject({ code: 'email_not_confirmed', message: 'Email not confirmed', status: 400 })
    const confirmed = await client.auth.verifyOtp({ type: 'signup', email, token: stack.lastMail(email).code })
    expect(confirmed.data.user?.user_metadata).toMatchObject({ email_verified: true })
    expect((await client.auth.signInWithPassword({ email, password })).error).toBeNull()
  })

  test('with confirmation a taken address is answered like a new one, twice', async () => {
    const { email, id } = await stack.person()
    const sent = { email, password: otherPassword, data: { name: 'Eve' } }
    const known = await stack.fetch('/signup', { json: sent, server: careful })
    const fresh = await stack.fetch('/signup', { json: { ...sent, email: someEmail() }, server: careful })
    const [taken, unknown] = [await readUser(known), await readUser(fresh)]
    expect(known.status).toBe(fresh.status)
    expect(sorted(Object.keys(taken))).toEqual(sorted(Object.keys(unknown)))
    expect(taken.id).not.toBe(id)
    expect(taken).toMatchObject({ email, identities: [], role: '' })
    expect(taken.user_metadata).toEqual({ name: 'Eve' })
    const again = await stack.fetch('/signup', { json: sent, server: careful })
    expect(again.status).toBe(429)
    expect((await readFailure(again)).error_code).toBe('over_email_send_rate_limit')
    expect((await stack.signIn(email)).id).toBe(id)
  })

  test('signing up again before confirming changes nothing but sends a new mail', async () => {
    const email = someEmail()
    const client = stack.client(careful)
    await client.auth.signUp({ email, password, options: { data: { secret: 'mine' } } })
    stack.advance(61)
    const second = await client.auth.signUp({ email, password: otherPassword })
    expect(second.data.user?.user_metadata).not.toHaveProperty('secret')
    const [old, latest] = stack.mails(email)
    const outdated = await client.auth.verifyOtp({ type: 'signup', email, token: old?.code ?? '' })
    expect(outdated.error).toMatchObject({ code: 'otp_expired' })
    await client.auth.verifyOtp({ type: 'signup', email, token: latest?.code ?? '' })
    const intruder = await client.auth.signInWithPassword({ email, password: otherPassword })
    expect(intruder.error).toMatchObject({ code: 'invalid_credentials' })
  })
})
