import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLegacyKey } from '../../../src/embedded/supabase/index.ts'
import { readFailure } from './support/answers.ts'
import { bearer, otherPassword, password, Stack, someEmail } from './support/stack.ts'

describe('administration of users', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start()
  })

  afterAll(() => stack.stop())

  test.each([
    ['GET', '/admin/users'],
    ['POST', '/admin/users'],
    ['GET', '/admin/users/6f0a3a63-54f5-4c55-9be6-7d9a3d3c6f01'],
    ['PUT', '/admin/users/6f0a3a63-54f5-4c55-9be6-7d9a3d3c6f01'],
    ['DELETE', '/admin/users/6f0a3a63-54f5-4c55-9be6-7d9a3d3c6f01'],
    ['POST', '/admin/generate_link'],
    ['GET', '/admin/audit'],
    ['POST', '/invite'],
  ])('%s %s is for the secret key only', async (method, path) => {
    const { session } = await stack.person()
    const legacyAnon = createLegacyKey(stack.keys.legacyJwtSecret ?? '', 'anon')
    const forged = createLegacyKey('another secret', 'service_role')
    const asks = [
      [{}, 403, 'not_admin'],
      [bearer(session.access_token), 403, 'not_admin'],
      [bearer(legacyAnon), 403, 'not_admin'],
      [bearer(forged), 403, 'bad_jwt'],
      [{ apikey: legacyAnon }, 401, 'no_authorization'],
      [{ apikey: stack.keys.secretKey, ...bearer(session.access_token) }, 403, 'not_admin'],
    ] as const
    for (const [headers, status, code] of asks) {
      const response = await stack.fetch(path, { method, headers })
      expect(response.status).toBe(status)
      expect((await readFailure(response)).error_code).toBe(code)
    }
  })

  test('the legacy service_role key opens as the secret key does', async () => {
    const key = createLegacyKey(stack.keys.legacyJwtSecret ?? '', 'service_role')
    const response = await stack.fetch('/admin/users', { headers: { apikey: key, ...bearer(key) } })
    expect(response.status).toBe(200)
  })

  test('a created user has exactly the metadata given', async () => {
    const email = someEmail()
    const given = {
      email: email.toUpperCase(),
      password: 'weak',
      user_metadata: { name: 'Ana' },
      app_metadata: { tier: 1 },
    }
    const { data } = await admin().createUser(given)
    expect(data.user).toMatchObject({ email, app_metadata: { tier: 1, provider: 'email', providers: ['email'] } })
    expect(data.user?.user_metadata).toEqual({ name: 'Ana' })
    expect(data.user?.email_confirmed_at).toBeUndefined()
    const confirmed = await admin().createUser({
      email: someEmail(),
      email_confirm: true,
      user_metadata: { name: 'Bob' },
    })
    expect(confirmed.data.user?.user_metadata).toEqual({ name: 'Bob', email_verified: true })
    expect(confirmed.data.user?.email_confirmed_at).toEqual(expect.any(String))
  })

  test('the id may be chosen', async () => {
    const id = crypto.randomUUID()
    const { data } = await admin().createUser({ id, email: someEmail(), password, email_confirm: true })
    expect(data.user?.id).toBe(id)
    const again = await admin().createUser({ id, email: someEmail() })
    expect(again.error).toMatchObject({ status: 422 })
  })

  test.each([
    [{}, 400, 'validation_failed', 'Cannot create a user without either an email or phone'],
    [{ email: 'nonsense' }, 400, 'validation_failed', 'Unable to validate email address: invalid format'],
    [
      { email: 'a@example.com', ban_duration: 'long' },
      400,
      'validation_failed',
      expect.stringContaining('ban duration'),
    ],
    [{ email: 'a@example.com', password_hash: 'md5' }, 400, 'validation_failed', expect.stringContaining('hashes')],
    [{ email: 'a@example.com', id: '7' }, 400, 'bad_json', expect.any(String)],
    [{ email: 'a@example.com', user_metadata: { x: 'x'.repeat(5000) } }, 400, 'validation_failed', expect.any(String)],
  ])('creating %o is refused', async (json, status, code, msg) => {
    const response = await asAdmin('/admin/users', { json })
    expect(response.status).toBe(status)
    expect(await readFailure(response)).toMatchObject({ error_code: code, msg })
  })

  test('a taken address is refused, also when two come at once', async () => {
    const email = someEmail()
    const both = await Promise.all([admin().createUser({ email }), admin().createUser({ email })])
    expect(both.map((answer) => answer.error?.code).filter(Boolean)).toEqual(['email_exists'])
    const third = await admin().createUser({ email })
    expect(third.error).toMatchObject({
      status: 422,
      message: 'A user with this email address has already been registered',
    })
  })

  test('a user is read, changed and deleted', async () => {
    const { id, email, session } = await stack.person()
    expect((await admin().getUserById(id)).data.user?.email).toBe(email)
    const changes = { app_metadata: { tier: 2 }, user_metadata: { name: 'Ana', sub: null }, role: 'editor' }
    const changed = await admin().updateUserById(id, changes)
    expect(changed.data.user).toMatchObject({ role: 'editor', app_metadata: { tier: 2, provider: 'email' } })
    expect(changed.data.user?.user_metadata).toMatchObject({ name: 'Ana', email })
    expect(changed.data.user?.user_metadata).not.toHaveProperty('sub')
    expect((await admin().deleteUser(id)).error).toBeNull()
    expect((await admin().getUserById(id)).error).toMatchObject({ status: 404, code: 'user_not_found' })
    const gone = await stack.fetch('/user', { headers: bearer(session.access_token) })
    expect((await readFailure(gone)).error_code).toBe('user_not_found')
    const actions = await stack.sql.query(
      `select payload ->> 'action' as action from auth.audit_log_entries where payload #>> '{traits,user_id}' = $1 order by created_at`,
      [id],
    )
    expect(actions.rows.map((row) => row.action)).toEqual(['user_modified', 'user_deleted'])
  })

  test('a new password by the administrator ends every session', async () => {
    const { id, email, session } = await stack.person()
    const weak = await admin().updateUserById(id, { password: 'weak' })
    expect(weak.error).toMatchObject({ code: 'weak_password' })
    expect((await admin().updateUserById(id, { password: otherPassword })).error).toBeNull()
    expect((await stack.fetch('/user', { headers: bearer(session.access_token) })).status).toBe(403)
    expect((await stack.signIn(email, otherPassword)).id).toBe(id)
  })

  test('a new address by the administrator is in force at once', async () => {
    const [{ id }, other] = await Promise.all([stack.person(), stack.person()])
    const email = someEmail()
    expect((await admin().updateUserById(id, { email })).data.user).toMatchObject({ email })
    expect((await stack.signIn(email)).id).toBe(id)
    const taken = await admin().updateUserById(id, { email: other.email })
    expect(taken.error).toMatchObject({ status: 422, code: 'email_exists' })
  })

  test('a softly deleted user keeps the id, loses the rest, and frees the address', async () => {
    const { id, email, session } = await stack.person()
    expect((await admin().deleteUser(id, true)).error).toBeNull()
    const { data } = await admin().getUserById(id)
    expect(data.user).toMatchObject({
      id,
      email: '',
      identities: [],
      user_metadata: {},
      deleted_at: expect.any(String),
    })
    expect((await stack.fetch('/user', { headers: bearer(session.access_token) })).status).toBe(403)
    expect((await stack.person(email)).id).not.toBe(id)
  })

  test.each(['GET', 'PUT', 'DELETE'])('%s of an id that is none, or nobody’s, is refused', async (method) => {
    const init = method === 'PUT' ? { method, json: {} } : { method }
    const bad = await asAdmin('/admin/users/7', init)
    expect(bad.status).toBe(404)
    expect(await readFailure(bad)).toMatchObject({ error_code: 'validation_failed', msg: 'user_id must be an UUID' })
    const unknown = await asAdmin(`/admin/users/${crypto.randomUUID()}`, init)
    expect(unknown.status).toBe(404)
    expect(await readFailure(unknown)).toMatchObject({ error_code: 'user_not_found', msg: 'User not found' })
  })

  test('users are listed in pages, newest first, and found by a part of the address', async () => {
    const mark = crypto.randomUUID().slice(0, 8)
    for (const name of ['a', 'b', 'c']) {
      stack.advance(1)
      await admin().createUser({ email: `${name}_${mark}@example.com` })
    }
    const { data } = await admin().listUsers({ page: 1, perPage: 2 })
    expect(data.users.map((user) => user.email)).toEqual([`c_${mark}@example.com`, `b_${mark}@example.com`])
    expect(data).toMatchObject({ nextPage: 2, aud: 'authenticated' })
    expect('total' in data && data.total).toBeGreaterThanOrEqual(3)
    expect((await admin().listUsers()).error).toBeNull()
    const found = await asAdmin(`/admin/users?filter=_${mark}&sort=email%20asc`)
    expect(await found.json()).toMatchObject({ users: [{ email: `a_${mark}@example.com` }, {}, {}] })
    expect(found.headers.get('x-total-count')).toBe('3')
    expect(found.headers.get('link')).toBe('</admin/users?page=1&per_page=50>; rel="last"')
    const none = await asAdmin('/admin/users?filter=a%25e')
    expect(none.headers.get('x-total-count')).toBe('0')
    for (const query of ['page=-1', 'per_page=x']) {
      const bad = await asAdmin(`/admin/users?${query}`)
      expect(bad.status).toBe(400)
      expect((await readFailure(bad)).error_code).toBe('validation_failed')
    }
  })

  test('the audit log is read in pages', async () => {
    const { id } = await stack.person()
    const response = await asAdmin('/admin/audit?page=1&per_page=1')
    expect(await response.json()).toMatchObject([
      { payload: { actor_id: id, action: 'user_signedup', log_type: 'team' } },
    ])
    expect(Number(response.headers.get('x-total-count'))).toBeGreaterThan(1)
    expect(response.headers.get('link')).toContain('</admin/audit?page=2&per_page=1>; rel="next"')
  })

  function admin() {
    return stack.admin().auth.admin
  }

  function asAdmin(path: string, init: Parameters<Stack['fetch']>[1] = {}): Promise<Response> {
    return stack.fetch(path, { ...init, headers: { apikey: stack.keys.secretKey } })
  }
})
