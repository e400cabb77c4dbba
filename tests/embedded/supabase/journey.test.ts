import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { password, Stack, someEmail } from './support/stack.ts'

describe('a person with supabase-js', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await Stack.start()
  })

  afterAll(() => stack.stop())

  test('signs up, out and in again, refreshes, and is read by the token', async () => {
    const client = stack.client()
    const email = someEmail()
    const signedUp = await client.auth.signUp({ email, password, options: { data: { name: "O'Brien" } } })
    expect(signedUp.error).toBeNull()
    expect((await client.auth.signOut()).error).toBeNull()
    const signedIn = await client.auth.signInWithPassword({ email, password })
    expect(signedIn.data.user?.id).toBe(signedUp.data.user?.id)
    const refreshed = await client.auth.refreshSession()
    expect(refreshed.data.session?.refresh_token).not.toBe(signedIn.data.session?.refresh_token)
    const claims = await client.auth.getClaims()
    expect(claims.data?.claims.sub).toBe(signedUp.data.user?.id)
    expect((await client.auth.getUser()).data.user?.user_metadata['name']).toBe("O'Brien")
  })
})
