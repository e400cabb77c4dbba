import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFailure } from './support/answers.ts'
import { otherPassword, password, Stack, someEmail } from './support/stack.ts'

describe('mails and what their codes and links open', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start()
  })

  afterAll(() => stack.stop())

  test('a forgotten password is replaced with the code from a mail, once', async () => {
    const { email, id } = await stack.person()
    const client = stack.client()
    expect((await client.auth.resetPasswordForEmail(email.toUpperCase())).error).toBeNull()
    const { code, subject } = stack.lastMail(email)
    expect(subject).toBe('Reset your password')
    const verified = await client.auth.verifyOtp({ type: 'recovery', email, token: code })
    expect(verified.data.user?.id).toBe(id)
    await client.auth.updateUser({ password: otherPassword })
    expect((await stack.signIn(email, otherPassword)).id).toBe(id)
    const again = await stack.client().auth.verifyOtp({ type: 'recovery', email, token: code })
    expect(again.error).toMatchObject({ status: 403, code: 'otp_expired', message: 'Token has expired or is invalid' })
    expect(await stack.audit(id)).toContain('user_recovery_requested')
  })

  test('a code is used up by one of several who bring it at once', async () => {
    const { email } = await stack.person()
    await stack.client().auth.resetPasswordForEmail(email)
    const json = { type: 'recovery', email, token: stack.lastMail(email).code }
    const answers = await Promise.all(Array.from({ length: 6 }, () => stack.fetch('/verify', { json })))
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
  })

  test('a code is good for an hour, for its address and for its purpose', async () => {
    const { email } = await stack.person()
    await stack.client().auth.resetPasswordForEmail(email)
    const { code: token } = stack.lastMail(email)
    const wrong = [
      { type: 'recovery', email: someEmail(), token },
      { type: 'signup', email, token },
      { type: 'email_change', email, token },
      { type: 'sms', phone: '491701234567', token },
    ]
    for (const json of wrong) expect((await stack.fetch('/verify', { json })).status).toBe(403)
    stack.advance(3601)
    const late = await stack.fetch('/verify', { json: { type: 'recovery', email, token } })
    expect(await readFailure(late)).toMatchObject({ error_code: 'otp_expired' })
  })

  test.each([
    [{}, 'Verify requires a verification type'],
    [{ type: 'email' }, 'Verify requires a token or a token hash'],
    [{ type: 'email', token: '123456' }, 'Only an email address or phone number should be provided on verify'],
    [{ type: 'email', token_hash: 'abc', email: 'a@example.com' }, 'Only the token_hash and type should be provided'],
    [{ type: 'sms', phone: 'abc', token: '123456' }, 'Invalid phone number format (E.164 required)'],
    [{ type: 'constructor', email: 'a@example.com', token: '1' }, 'Unsupported verification type'],
  ])('%o is refused: %s', async (json, msg) => {
    const response = await stack.fetch('/verify', { json })
    expect(response.status).toBe(400)
    expect(await readFailure(response)).toMatchObject({ error_code: 'validation_failed', msg })
  })

  test('guessing codes is stopped after some', async () => {
    const server = await stack.another({ signInFailures: { perAccount: 3, perAddress: 1000, perSeconds: 300 } })
    const { email } = await stack.person()
    await stack.client(server).auth.resetPasswordForEmail(email)
    const { code } = stack.lastMail(email)
    const guess = async (token: string) =>
      (await stack.fetch('/verify', { json: { type: 'recovery', email, token }, server })).status
    const wrong = code === '000000' ? '000001' : '000000'
    expect([await guess(wrong), await guess(wrong), await guess(wrong), await guess(code)]).toEqual([
      403, 403, 403, 429,
    ])
  })

  test('an unknown address is answered like a known one, and waits like one', async () => {
    const { email } = await stack.person()
    for (const path of ['/recover', '/resend', '/magiclink']) {
      const ask = async (to: string) => {
        const response = await stack.fetch(path, { json: { email: to, type: 'signup' } })
        return [response.status, (await response.text()).replace(/\d\d seconds/, 'N seconds')]
      }
      const stranger = someEmail()
      expect(await ask(stranger)).toEqual(await ask(email))
      const [known, unknown] = [await ask(email), await ask(stranger)]
      expect(known).toEqual(unknown)
      expect(known[0]).toBe(429)
    }
    stack.advance(61)
    expect((await stack.fetch('/recover', { json: { email } })).status).toBe(200)
  })

  test.each([
    ['/recover', {}, 400, 'validation_failed', 'Password recovery requires an email'],
    ['/recover', { email: 'nonsense' }, 400, 'validation_failed', 'Unable to validate email address: invalid format'],
    ['/otp', {}, 400, 'validation_failed', 'One of email or phone must be set'],
    ['/otp', { phone: '491701234567' }, 400, 'phone_provider_disabled', 'Unsupported phone provider'],
    ['/otp', { email: 'no@example.com', create_user: false }, 422, 'otp_disabled', 'Signups not allowed for otp'],
    ['/resend', { type: 'x' }, 400, 'validation_failed', expect.stringContaining('Missing one of these types')],
    ['/resend', { type: 'signup' }, 400, 'validation_failed', 'Type provided requires an email address'],
  ])('POST %s %o is refused', async (path, json, status, code, msg) => {
    const response = await stack.fetch(path, { json })
    expect(response.status).toBe(status)
    expect(await readFailure(response)).toMatchObject({ error_code: code, msg })
  })

  test('somebody new gets in with a code only, and so does somebody known', async () => {
    const server = await stack.another({ autoconfirm: false })
    const email = someEmail()
    for (const isNew of [true, false]) {
      const client = stack.client(server)
      await client.auth.signInWithOtp({ email, options: { shouldCreateUser: isNew, data: { name: 'Ana' } } })
      const token = stack.lastMail(email).code
      const { data } = await client.auth.verifyOtp({ type: 'email', email, token })
      expect(data.user).toMatchObject({ email, user_metadata: { name: 'Ana' } })
      expect((await client.auth.getUser()).error).toBeNull()
      stack.advance(61)
    }
    expect(stack.mails(email).map((mail) => mail.subject)).toEqual(['Confirm your e-mail address', 'Your sign-in link'])
  })

  test('a lost confirmation is sent again, and the first one is worthless then', async () => {
    const server = await stack.another({ autoconfirm: false })
    const client = stack.client(server)
    const email = someEmail()
    await client.auth.signUp({ email, password })
    const early = await client.auth.resend({ type: 'signup', email })
    expect(early.error).toMatchObject({ status: 429, code: 'over_email_send_rate_limit' })
    expect(early.error?.message).toMatch(/^For security purposes, you can only request this after \d+ seconds\.$/)
    stack.advance(61)
    expect((await client.auth.resend({ type: 'signup', email })).error).toBeNull()
    const [first, second] = stack.mails(email)
    expect((await client.auth.verifyOtp({ type: 'signup', email, token: first?.code ?? '' })).error).not.toBeNull()
    expect((await client.auth.verifyOtp({ type: 'signup', email, token: second?.code ?? '' })).error).toBeNull()
  })

  test('no more mails than allowed go out in an hour, whoever asks', async () => {
    const server = await stack.another({ mailsPerHour: 2 })
    const ask = async () => (await stack.fetch('/recover', { json: { email: someEmail() }, server })).status
    expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 429])
    stack.advance(1801)
    expect(await ask()).toBe(200)
  })

  test('mails lie in a closed folder; the log names the file and nothing that opens', async () => {
    const { email } = await stack.person()
    await stack.client().auth.resetPasswordForEmail(email)
    const { code, link } = stack.lastMail(email)
    const log = stack.logged.join('\n')
    expect(log).toContain(join(stack.dataDir, 'mail'))
    expect(log).not.toContain(code)
    expect(log).not.toContain(link?.searchParams.get('token'))
    expect(statSync(join(stack.dataDir, 'mail')).mode & 0o777).toBe(0o700)
  })
})
