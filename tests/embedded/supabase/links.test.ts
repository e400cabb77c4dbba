import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFailure, readSession } from './support/answers.ts'
import { Stack } from './support/stack.ts'

describe('links in mails', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start()
  })

  afterAll(() => stack.stop())

  test('a link leads to the site with a session in the fragment', async () => {
    const { email, id } = await stack.person()
    await stack.client().auth.resetPasswordForEmail(email, { redirectTo: 'http://app.test/reset?step=2' })
    const { target, response } = await follow(email)
    expect(response.status).toBe(303)
    expect(target.href.split('#')[0]).toBe('http://app.test/reset?step=2')
    const fragment = new URLSearchParams(target.hash.slice(1))
    expect([...fragment.keys()]).toEqual([
      'access_token',
      'expires_at',
      'expires_in',
      'refresh_token',
      'sb',
      'token_type',
      'type',
    ])
    expect(fragment.get('type')).toBe('recovery')
    const { data } = await stack.client().auth.getUser(fragment.get('access_token') ?? '')
    expect(data.user?.id).toBe(id)
    const again = new URLSearchParams((await follow(email)).target.hash.slice(1))
    expect(Object.fromEntries(again)).toEqual({
      error: 'access_denied',
      error_code: 'otp_expired',
      error_description: 'Email link is invalid or has expired',
      sb: '',
    })
  })

  test('the hash of a link opens as the link does', async () => {
    const { email, id } = await stack.person()
    await stack.client().auth.resetPasswordForEmail(email)
    const token_hash = stack.lastMail(email).link?.searchParams.get('token') ?? ''
    expect(token_hash).toMatch(/^[0-9a-f]{56}$/)
    const { data } = await stack.client().auth.verifyOtp({ type: 'recovery', token_hash })
    expect(data.user?.id).toBe(id)
    const again = await stack.client().auth.verifyOtp({ type: 'recovery', token_hash })
    expect(again.error?.message).toBe('Email link is invalid or has expired')
  })

  test.each([
    ['http://app.test/deep/er?x=1', true],
    ['http://site.test/anything', true],
    ['http://one.preview.test/done', true],
    ['http://one.two.preview.test/done', false],
    ['http://one.preview.test/done/more', false],
    ['http://evil.test/', false],
    ['http://app.test.evil.test/', false],
    ['http://app.test@evil.test/', false],
    ['http://site.test:8080/', false],
    ['http://site.test@evil.test/', false],
    ['//evil.test/', false],
    ['javascript:alert(1)//http://app.test/', false],
    ['data:text/html,http://app.test/', false],
    ['http://evil.test/#http://app.test/x', false],
  ])('a link may lead to %s: %s', async (redirectTo, isAllowed) => {
    const { email } = await stack.person()
    await stack.client().auth.resetPasswordForEmail(email, { redirectTo })
    const { link } = stack.lastMail(email)
    const forged = new URL(link ?? '')
    forged.searchParams.set('redirect_to', redirectTo)
    const wanted = isAllowed ? redirectTo : 'http://site.test'
    expect(link?.searchParams.get('redirect_to')).toBe(wanted)
    const location = (await fetch(forged, { redirect: 'manual' })).headers.get('location') ?? ''
    expect(location.split('#')[0]).toBe(new URL(wanted).href)
  })

  test('with PKCE a link leads to a code, which only the one who asked can exchange, once', async () => {
    const { email, id } = await stack.person()
    const verifier = randomBytes(32).toString('base64url')
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    await stack.fetch('/recover', { json: { email, code_challenge: challenge, code_challenge_method: 's256' } })
    const { target } = await follow(email)
    const auth_code = target.searchParams.get('code') ?? ''
    expect(target.hash).toBe('')
    const exchange = (json: object) => stack.fetch('/token?grant_type=pkce', { json })
    expect(await readFailure(await exchange({ auth_code }))).toMatchObject({ error_code: 'validation_failed' })
    const stolen = await exchange({ auth_code, code_verifier: randomBytes(32).toString('base64url') })
    expect(await readFailure(stolen)).toMatchObject({ code: 400, error_code: 'bad_code_verifier' })
    const session = await readSession(await exchange({ auth_code, code_verifier: verifier }))
    expect(session.user.id).toBe(id)
    const again = await exchange({ auth_code, code_verifier: verifier })
    expect(await readFailure(again)).toMatchObject({ code: 404, error_code: 'flow_state_not_found' })
    const failed = (await follow(email)).target
    expect(failed.searchParams.get('error_code')).toBe('otp_expired')
    expect(failed.hash).toContain('error_code=otp_expired')
  })

  test('a PKCE code is good for five minutes, and none before the link was followed', async () => {
    const { email } = await stack.person()
    const verifier = randomBytes(32).toString('base64url')
    await stack.fetch('/recover', { json: { email, code_challenge: verifier, code_challenge_method: 'plain' } })
    const flow = await stack.sql.query('select auth_code from auth.flow_state order by created_at desc limit 1')
    const json = { auth_code: flow.rows[0].auth_code, code_verifier: verifier }
    expect((await stack.fetch('/token?grant_type=pkce', { json })).status).toBe(404)
    await follow(email)
    stack.advance(301)
    const late = await stack.fetch('/token?grant_type=pkce', { json })
    expect(await readFailure(late)).toMatchObject({ code: 422, error_code: 'flow_state_expired' })
  })

  async function follow(email: string): Promise<{ target: URL; response: Response }> {
    const response = await fetch(stack.lastMail(email).link ?? '', { redirect: 'manual' })
    return { response, target: new URL(response.headers.get('location') ?? '') }
  }
})
