import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFailure, readUser } from './support/answers.ts'
import { password, Stack, someEmail } from './support/stack.ts'

describe('invitations and generated links', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start()
  })

  afterAll(() => stack.stop())

  test('somebody invited accepts with the link and chooses a password', async () => {
    const email = someEmail()
    const invited = await admin().inviteUserByEmail(email, { data: { team: 'sales' } })
    expect(invited.data.user).toMatchObject({ email, invited_at: expect.any(String), user_metadata: { team: 'sales' } })
    const token_hash = stack.lastMail(email).link?.searchParams.get('token') ?? ''
    const client = stack.client()
    expect((await client.auth.verifyOtp({ type: 'invite', token_hash })).error).toBeNull()
    await client.auth.updateUser({ password })
    const person = await stack.signIn(email)
    expect(await stack.audit(person.id)).toContain('invite_accepted')
    stack.advance(61)
    expect((await admin().inviteUserByEmail(email)).error).toMatchObject({ status: 422, code: 'email_exists' })
  })

  test.each(['signup', 'invite', 'magiclink', 'recovery'] as const)('a %s link opens without a mail', async (type) => {
    const email = type === 'recovery' ? (await stack.person()).email : someEmail()
    const json = { type, email, password, redirect_to: 'http://app.test/in' }
    const link = await readUser(await asAdmin('/admin/generate_link', { json }))
    expect(link).toMatchObject({
      email,
      redirect_to: 'http://app.test/in',
      verification_type: type === 'magiclink' ? 'signup' : type,
      action_link: expect.stringContaining(`${stack.server.issuer}/verify?token=`),
      hashed_token: expect.any(String),
    })
    const opened = await stack.client().auth.verifyOtp({ type: 'email', email, token: String(link['email_otp']) })
    expect(opened.data.user?.email).toBe(email)
    expect(() => stack.lastMail(email)).toThrow()
  })

  test('links of a change of address are two, and both are needed', async () => {
    const { email, id } = await stack.person()
    const new_email = someEmail()
    const json = { email, new_email }
    const current = await asAdmin('/admin/generate_link', { json: { ...json, type: 'email_change_current' } })
    const first = await readUser(current)
    await stack.client().auth.verifyOtp({ type: 'email_change', token_hash: String(first['hashed_token']) })
    expect((await admin().getUserById(id)).data.user?.email).toBe(email)
    expect(first['verification_type']).toBe('email_change_current')
  })

  test.each([
    [{ type: 'signup', email: 'new@example.com' }, 400, 'validation_failed'],
    [{ type: 'recovery', email: 'unknown@example.com' }, 404, 'user_not_found'],
    [{ type: 'sms', email: 'unknown@example.com' }, 400, 'validation_failed'],
    [{ type: 'email_change_new', email: 'unknown@example.com' }, 404, 'user_not_found'],
  ])('the link %o is refused', async (json, status, code) => {
    const response = await asAdmin('/admin/generate_link', { json })
    expect(response.status).toBe(status)
    expect((await readFailure(response)).error_code).toBe(code)
  })

  function admin() {
    return stack.admin().auth.admin
  }

  function asAdmin(path: string, init: Parameters<Stack['fetch']>[1] = {}): Promise<Response> {
    return stack.fetch(path, { ...init, headers: { apikey: stack.keys.secretKey } })
  }
})
