import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFailure } from './support/answers.ts'
import { bearer, otherPassword, password, Stack, someEmail } from './support/stack.ts'

describe('the own user', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start()
  })

  afterAll(() => stack.stop())

  test('metadata is merged, and null takes a key away', async () => {
    const { client, id, email } = await stack.person()
    await client.auth.updateUser({ data: { name: "O'Brien", theme: 'dark' } })
    const { data } = await client.auth.updateUser({ data: { theme: null, size: 2 } })
    const expected = { name: "O'Brien", size: 2, email, sub: id, email_verified: true, phone_verified: false }
    expect(data.user?.user_metadata).toEqual(expected)
    expect((await client.auth.getUser()).data.user?.user_metadata).toEqual(expected)
    expect(await stack.audit(id)).toContain('user_modified')
  })

  test('a new password works, the old one does not, and every other session has ended', async () => {
    const { client, email, id, session } = await stack.person()
    const elsewhere = await stack.signIn(email)
    expect((await client.auth.updateUser({ password: otherPassword })).error).toBeNull()
    expect((await stack.fetch('/user', { headers: bearer(session.access_token) })).status).toBe(200)
    expect((await stack.fetch('/user', { headers: bearer(elsewhere.session.access_token) })).status).toBe(403)
    const old = await stack.client().auth.signInWithPassword({ email, password })
    expect(old.error).toMatchObject({ code: 'invalid_credentials' })
    expect((await stack.signIn(email, otherPassword)).id).toBe(id)
    expect(await stack.audit(id)).toContain('user_updated_password')
  })

  test('the same password again is refused', async () => {
    const { client } = await stack.person()
    const { error } = await client.auth.updateUser({ password })
    expect(error).toMatchObject({
      status: 422,
      code: 'same_password',
      message: 'New password should be different from the old password.',
    })
  })

  test.each([
    [{ password: 'short-1' }, 422, 'weak_password'],
    [{ app_metadata: { role: 'admin' } }, 403, 'not_admin'],
    [{ phone: '+491701234567' }, 400, 'phone_provider_disabled'],
    [{ email: 'nonsense' }, 400, 'validation_failed'],
    [{ data: { x: 'x'.repeat(5000) } }, 400, 'validation_failed'],
    [{ data: 'text' }, 400, 'bad_json'],
  ])('the change %o is refused and nothing is written', async (json, status, code) => {
    const { session, client } = await stack.person()
    const before = (await client.auth.getUser()).data.user
    const response = await stack.fetch('/user', { json, method: 'PUT', headers: bearer(session.access_token) })
    expect(response.status).toBe(status)
    expect((await readFailure(response)).error_code).toBe(code)
    expect((await client.auth.getUser()).data.user).toEqual(before)
  })

  test('changes that are too long together are refused as well', async () => {
    const { client } = await stack.person()
    expect((await client.auth.updateUser({ data: { a: 'x'.repeat(3000) } })).error).toBeNull()
    const { error } = await client.auth.updateUser({ data: { b: 'x'.repeat(3000) } })
    expect(error).toMatchObject({ code: 'validation_failed' })
  })

  test('a new address is confirmed at both, and only then in force', async () => {
    const { client, email, id } = await stack.person()
    const next = someEmail()
    const asked = await client.auth.updateUser({ email: next.toUpperCase() })
    expect(asked.data.user).toMatchObject({ email, new_email: next, email_change_sent_at: expect.any(String) })
    const half = await stack.fetch(linkPath(stack.lastMail(email).link))
    expect(half.status).toBe(303)
    expect(new URL(half.headers.get('location') ?? '').hash).toContain('message=Confirmation+link+accepted')
    expect((await client.auth.getUser()).data.user?.email).toBe(email)
    const { code } = stack.lastMail(next)
    const full = await client.auth.verifyOtp({ type: 'email_change', email: next, token: code })
    expect(full.data.user).toMatchObject({ id, email: next })
    expect(full.data.user?.new_email).toBeUndefined()
    expect(full.data.user?.user_metadata).toMatchObject({ email: next })
    expect((await stack.signIn(next)).id).toBe(id)
    expect((await stack.client().auth.signInWithPassword({ email, password })).error).not.toBeNull()
  })

  test('confirming one address twice does not stand for both', async () => {
    const { client, email } = await stack.person()
    const next = someEmail()
    await client.auth.updateUser({ email: next })
    const token = stack.lastMail(next).code
    const half = await stack.fetch('/verify', { json: { type: 'email_change', email: next, token } })
    expect(await half.json()).toMatchObject({ code: '200', msg: expect.stringContaining('Confirmation link accepted') })
    const again = await stack.fetch('/verify', { json: { type: 'email_change', email: next, token } })
    expect(again.status).toBe(403)
    stack.advance(61)
    await client.auth.updateUser({ email: next })
    const second = { type: 'email_change', email: next, token: stack.lastMail(next).code }
    expect(await (await stack.fetch('/verify', { json: second })).json()).toMatchObject({ code: '200' })
    expect((await client.auth.getUser()).data.user?.email).toBe(email)
  })

  test('an address that somebody else has, or takes meanwhile, is refused', async () => {
    const [ana, bob] = await Promise.all([stack.person(), stack.person()])
    const taken = await ana.client.auth.updateUser({ email: bob.email })
    expect(taken.error).toMatchObject({ status: 422, code: 'email_exists' })
    const next = someEmail()
    await ana.client.auth.updateUser({ email: next })
    await stack.person(next)
    await stack.fetch(linkPath(stack.lastMail(ana.email).link))
    const late = await ana.client.auth.verifyOtp({
      type: 'email_change',
      email: next,
      token: stack.lastMail(next).code,
    })
    expect(late.error).toMatchObject({ status: 422, code: 'email_exists' })
  })

  test('the current password can be asked for', async () => {
    const server = await stack.another({ requireCurrentPassword: true })
    const { session, email } = await stack.person()
    const change = (json: object) =>
      stack.fetch('/user', { json, method: 'PUT', headers: bearer(session.access_token), server })
    const without = await change({ password: otherPassword })
    expect((await readFailure(without)).error_code).toBe('current_password_required')
    const wrong = await change({ password: otherPassword, current_password: 'not-this-one-1' })
    expect((await readFailure(wrong)).error_code).toBe('current_password_invalid')
    expect((await change({ password: otherPassword, current_password: password })).status).toBe(200)
    expect((await stack.signIn(email, otherPassword)).email).toBe(email)
  })

  test('in an old session a code by mail can be asked for', async () => {
    const server = await stack.another({ requireReauthentication: true, accessTokenSeconds: 400_000 })
    const client = stack.client(server)
    const email = someEmail()
    await client.auth.signUp({ email, password })
    stack.advance(86_401)
    const without = await client.auth.updateUser({ password: otherPassword })
    expect(without.error).toMatchObject({ status: 400, code: 'reauthentication_needed' })
    const wrong = await client.auth.updateUser({ password: otherPassword, nonce: '000000' })
    expect(wrong.error).toMatchObject({ status: 422, code: 'reauthentication_not_valid' })
    expect((await client.auth.reauthenticate()).error).toBeNull()
    const { code: nonce } = stack.lastMail(email)
    expect((await client.auth.updateUser({ password: otherPassword, nonce })).error).toBeNull()
  })

  test('of two password changes at once one wins', async () => {
    const { session, email } = await stack.person()
    const wishes = ['first-choice-11', 'second-choice-22']
    const answers = await Promise.all(
      wishes.map((wish) =>
        stack.fetch('/user', { json: { password: wish }, method: 'PUT', headers: bearer(session.access_token) }),
      ),
    )
    const winners = wishes.filter((_, index) => answers[index]?.status === 200)
    const last = winners.at(-1) ?? ''
    const opens = await Promise.all(
      wishes.map(
        async (secret) => (await stack.client().auth.signInWithPassword({ email, password: secret })).error === null,
      ),
    )
    expect(opens.filter(Boolean)).toHaveLength(1)
    expect(winners).toContain(wishes[opens.indexOf(true)])
    expect(last).not.toBe('')
  })
})

function linkPath(link: URL | undefined): string {
  return `${link?.pathname.replace('/auth/v1', '')}${link?.search}`
}
