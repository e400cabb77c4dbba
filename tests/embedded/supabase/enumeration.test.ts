import { createHook } from 'node:async_hooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EmbeddedSupabase } from '../../../src/embedded/supabase/index.ts'
import { otherPassword, password, Stack, someEmail } from './support/stack.ts'

describe('whether an address has an account', () => {
  let stack: Stack
  let careful: EmbeddedSupabase

  beforeAll(async () => {
    stack = await Stack.start()
    careful = await stack.another({ autoconfirm: false })
  })

  afterAll(() => stack.stop())

  test('is not told by the work a sign-in costs', async () => {
    const { email } = await stack.person()
    const invited = someEmail()
    await stack.admin().auth.admin.createUser({ email: invited, email_confirm: true })
    for (const to of [email, invited, someEmail(), 'nonsense']) {
      const attempt = { email: to, password: otherPassword }
      expect(await countHashes(() => stack.client().auth.signInWithPassword(attempt)), to).toBe(1)
    }
  })

  test('is not told by the work a sign-up costs', async () => {
    const { email } = await stack.person()
    for (const to of [email, someEmail()]) {
      for (const server of [careful, stack.server]) {
        const cost = await countHashes(() => stack.client(server).auth.signUp({ email: to, password }))
        expect(cost, to).toBe(1)
      }
    }
  })

  test('is not told by the rows a failed sign-in leaves', async () => {
    const { email } = await stack.person()
    const stranger = someEmail()
    for (const to of [email, stranger]) {
      await stack.client().auth.signInWithPassword({ email: to, password: otherPassword })
      expect((await stack.audit(to)).filter((action) => action === 'login_failed')).toHaveLength(1)
    }
  })
})

/** How many password hashes this thread starts while `work` runs. */
async function countHashes(work: () => Promise<unknown>): Promise<number> {
  let count = 0
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'ARGON2REQUEST') count += 1
    },
  })
  hook.enable()
  await work()
  hook.disable()
  return count
}
