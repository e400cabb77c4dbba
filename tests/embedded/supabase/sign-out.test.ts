import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFailure } from './support/answers.ts'
import { bearer, type Person, Stack } from './support/stack.ts'

describe('sign-out', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start()
  })

  afterAll(() => stack.stop())

  test.each([
    ['local', [false, true, true]],
    ['others', [true, false, false]],
    ['global', [false, false, false]],
    ['', [false, false, false]],
  ])('with scope "%s" leaves these sessions: %o', async (scope, left) => {
    const people = await threeSessions()
    const [here] = people
    const path = scope ? `/logout?scope=${scope}` : '/logout'
    const response = await stack.fetch(path, { method: 'POST', headers: bearer(here.session.access_token) })
    expect(response.status).toBe(204)
    expect(await response.text()).toBe('')
    expect(await Promise.all(people.map(isSignedIn))).toEqual(left)
    expect(await Promise.all(people.map(canRefresh))).toEqual(left)
    const ids = people.map((person) => decodeJwt(person.session.access_token)['session_id'])
    const rows = await stack.sql.query('select id from auth.sessions where id = any ($1)', [ids])
    expect(rows.rowCount).toBe(left.filter(Boolean).length)
    expect(await stack.audit(here.id)).toContain('logout')
  })

  test('works through supabase-js, twice', async () => {
    const { client, session } = await stack.person()
    expect((await client.auth.signOut()).error).toBeNull()
    const again = await stack.fetch('/logout', { method: 'POST', headers: bearer(session.access_token) })
    expect(again.status).toBe(403)
    expect((await readFailure(again)).error_code).toBe('session_not_found')
  })

  test('touches nobody else', async () => {
    const [ana, bob] = await Promise.all([stack.person(), stack.person()])
    await ana.client.auth.signOut({ scope: 'global' })
    expect(await isSignedIn(bob)).toBe(true)
  })

  test('an unknown scope ends nothing', async () => {
    const person = await stack.person()
    const response = await stack.fetch('/logout?scope=all', {
      method: 'POST',
      headers: bearer(person.session.access_token),
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      error_code: 'validation_failed',
      msg: 'Unsupported logout scope "all"',
    })
    expect(await isSignedIn(person)).toBe(true)
  })

  async function threeSessions(): Promise<[Person, Person, Person]> {
    const first = await stack.person()
    return [first, await stack.signIn(first.email), await stack.signIn(first.email)]
  }

  async function isSignedIn({ session }: Person): Promise<boolean> {
    return (await stack.fetch('/user', { headers: bearer(session.access_token) })).status === 200
  }

  async function canRefresh({ session }: Person): Promise<boolean> {
    const json = { refresh_token: session.refresh_token }
    return (await stack.fetch('/token?grant_type=refresh_token', { json })).status === 200
  }
})
