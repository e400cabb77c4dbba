import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSupabaseKeys } from '../../../../src/embedded/supabase/index.ts'
import { loadKeyRing } from '../../../../src/embedded/supabase/key-ring.ts'
import { bearer, Stack } from '../support/stack.ts'
import { call, faultOf, someBucket } from './support/storage.ts'

describe('who is not believed', () => {
  let stack: Stack
  let bucket: string

  beforeAll(async () => {
    stack = await Stack.start()
    bucket = await someBucket(stack)
    await stack.admin().storage.from(bucket).upload('x', 'x')
  })

  afterAll(() => stack.stop())

  const ask = (headers: Record<string, string>) =>
    call(stack, '/bucket', { as: 'nobody', headers }).then((response) => faultOf(response))

  test('gets nothing', async () => {
    const refused = { status: 400, statusCode: '403', code: 'AccessDenied', error: 'Unauthorized' }
    expect(await ask({})).toEqual({ ...refused, message: 'Invalid Compact JWS' })
    expect(await ask(bearer('garbled'))).toEqual({ ...refused, message: 'Invalid Compact JWS' })
    const { session } = await stack.person()
    const [header, payload] = session.access_token.split('.')
    expect(await ask(bearer(`${header}.${payload}.${'A'.repeat(86)}`))).toEqual({
      ...refused,
      message: 'signature verification failed',
    })
    const stranger = await loadKeyRing(await createSupabaseKeys())
    const exp = Math.floor(stack.now() / 1000) + 60
    expect(await ask(bearer(await stranger.sign({ role: 'service_role', exp })))).toMatchObject(refused)
    stack.advance(901)
    expect(await ask(bearer(session.access_token))).toEqual({
      ...refused,
      message: '"exp" claim timestamp check failed',
    })
    stack.advance(-901)
  })

  test.each(['postgres', 'supabase_storage_admin', 'supabase_admin', 'authenticator', '', undefined])(
    'the role %j is no caller’s, whoever signed for it',
    async (role) => {
      const ring = await loadKeyRing(stack.keys)
      const exp = Math.floor(stack.now() / 1000) + 60
      expect(await ask(bearer(await ring.sign({ exp, ...(role === undefined ? {} : { role }) })))).toMatchObject({
        statusCode: '403',
      })
    },
  )

  test('a wrong API key is refused by the gateway', async () => {
    const response = await call(stack, `/object/${bucket}/x`, { as: 'nobody', headers: { apikey: 'nonsense' } })
    expect(response.status).toBe(401)
    const other = { apikey: stack.keys.publishableKey, ...bearer(stack.keys.secretKey) }
    expect((await call(stack, `/object/${bucket}/x`, { as: 'nobody', headers: other })).status).toBe(401)
  })

  test('no login role of Storage’s sees what the tables’ owner alone may see', async () => {
    await stack.sql.query('begin')
    for (const role of ['anon', 'authenticated']) {
      await stack.sql.query(`savepoint s; set local role ${role}`)
      await expect(stack.sql.query('select from storage.resumable_uploads')).rejects.toMatchObject({ code: '42501' })
      await stack.sql.query('rollback to savepoint s')
    }
    await stack.sql.query('rollback')
  })
})
