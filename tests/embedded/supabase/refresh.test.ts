import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFailure, readSession } from './support/answers.ts'
import { Stack } from './support/stack.ts'

interface Answer {
  status: number
  token: string
  code: string
}

describe('refreshing a session', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start()
  })

  afterAll(() => stack.stop())

  test('gives a new pair in the same session and makes the old token worthless but for its owner', async () => {
    const { session, id } = await stack.person()
    stack.advance(5)
    const response = await stack.fetch('/token?grant_type=refresh_token', {
      json: { refresh_token: session.refresh_token },
    })
    const refreshed = await readSession(response)
    expect(response.status).toBe(200)
    expect(refreshed.refresh_token).not.toBe(session.refresh_token)
    expect(refreshed.expires_at).toBeGreaterThan(session.expires_at ?? 0)
    expect(refreshed.user.id).toBe(id)
    expect(decodeJwt(refreshed.access_token)['session_id']).toBe(decodeJwt(session.access_token)['session_id'])
    expect(decodeJwt(refreshed.access_token)['amr']).toEqual(decodeJwt(session.access_token)['amr'])
    expect(await stack.audit(id)).toContain('token_refreshed')
    const row = await stack.sql.query('select parent, revoked from auth.refresh_tokens where token = $1', [
      refreshed.refresh_token,
    ])
    expect(row.rows[0]).toEqual({ parent: session.refresh_token, revoked: false })
  })

  test('a client that lost the answer gets the active token again, without time limit', async () => {
    const { session } = await stack.person()
    const first = await refresh(session.refresh_token)
    stack.advance(3600)
    const again = await refresh(session.refresh_token)
    expect(again).toMatchObject({ status: 200, token: first.token })
  })

  test('an older token is taken within the reuse interval', async () => {
    const { session } = await stack.person()
    const second = await refresh(session.refresh_token)
    await refresh(second.token)
    stack.advance(8)
    const late = await refresh(session.refresh_token)
    expect(late.status).toBe(200)
    expect(await refresh(late.token)).toMatchObject({ status: 200 })
  })

  test('an older token outside the interval revokes the whole family, for good', async () => {
    const { session, id } = await stack.person()
    const second = await refresh(session.refresh_token)
    const third = await refresh(second.token)
    stack.advance(11)
    const stolen = { status: 400, code: 'refresh_token_already_used', token: '' }
    expect(await refresh(session.refresh_token)).toEqual(stolen)
    expect(await refresh(third.token)).toEqual(stolen)
    expect(await refresh(second.token)).toEqual(stolen)
    const left = await stack.sql.query(`select from auth.refresh_tokens where user_id = $1 and not revoked`, [id])
    expect(left.rowCount).toBe(0)
    expect(await stack.audit(id)).toContain('token_revoked')
  })

  test('a reuse in one session leaves the others of the same person alone', async () => {
    const { session, email } = await stack.person()
    const other = await stack.signIn(email)
    const second = await refresh(session.refresh_token)
    await refresh(second.token)
    stack.advance(11)
    expect((await refresh(session.refresh_token)).status).toBe(400)
    expect((await refresh(other.session.refresh_token)).status).toBe(200)
  })

  test.each([
    ['abc', 'validation_failed', 'Refresh token is not valid'],
    ['', 'validation_failed', 'Refresh token is not valid'],
    ['abcdefghijkl', 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found'],
  ])('the token "%s" is refused', async (token, code, msg) => {
    const response = await stack.fetch('/token?grant_type=refresh_token', { json: { refresh_token: token } })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ code: 400, error_code: code, msg })
  })

  test('a session that has to end by a date is not refreshed after it', async () => {
    const { session, id } = await stack.person()
    const end = new Date(stack.now() + 60_000)
    await stack.sql.query('update auth.sessions set not_after = $2 where user_id = $1', [id, end])
    const second = await refresh(session.refresh_token)
    expect(second.status).toBe(200)
    stack.advance(61)
    expect(await refresh(second.token)).toMatchObject({ status: 400, code: 'session_expired' })
  })

  test('however many ask at once with one token, they share one successor', async () => {
    const order = fc.record({ askers: fc.integer({ min: 2, max: 8 }), rounds: fc.integer({ min: 1, max: 3 }) })
    await fc.assert(
      fc.asyncProperty(order, async ({ askers, rounds }) => {
        const { session, id } = await stack.person()
        let current = session.refresh_token
        for (let round = 0; round < rounds; round++) {
          const answers = await Promise.all(Array.from({ length: askers }, () => refresh(current)))
          expect(answers.every((answer) => answer.status === 200)).toBe(true)
          const successors = new Set(answers.map((answer) => answer.token))
          expect(successors.size).toBe(1)
          current = [...successors][0] ?? ''
        }
        const rows = await stack.sql.query('select revoked from auth.refresh_tokens where user_id = $1', [id])
        expect(rows.rows.filter((row) => !row.revoked)).toHaveLength(1)
        expect(rows.rows).toHaveLength(rounds + 1)
      }),
      { numRuns: 12 },
    )
  })

  test('a thief and the owner racing with an old token never both keep a live family', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), async (thieves) => {
        const { session, id } = await stack.person()
        const second = await refresh(session.refresh_token)
        const third = await refresh(second.token)
        stack.advance(30)
        const race = [third.token, ...Array.from({ length: thieves }, () => session.refresh_token)]
        const [, ...stolen] = await Promise.all(race.map((token) => refresh(token)))
        expect(stolen.every((answer) => answer.code === 'refresh_token_already_used')).toBe(true)
        const alive = await stack.sql.query('select from auth.refresh_tokens where user_id = $1 and not revoked', [id])
        expect(alive.rowCount).toBe(0)
      }),
      { numRuns: 6 },
    )
  })

  async function refresh(token: string): Promise<Answer> {
    const response = await stack.fetch('/token?grant_type=refresh_token', { json: { refresh_token: token } })
    const { status } = response
    if (status === 200) return { status, token: (await readSession(response)).refresh_token, code: '' }
    return { status, token: '', code: (await readFailure(response)).error_code }
  }
})
