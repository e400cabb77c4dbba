import { createClient } from '@supabase/supabase-js'
import { describe, expect } from 'vitest'
import { createStudiosClient } from '../../src/client.ts'
import { pipeline } from '../routers/pipeline-runs.ts'
import { refusal } from '../routers/refusal.ts'
import { becomes, watch } from '../routers/watching.ts'
import { type Person, test, type World } from '../support/world.ts'

const signedOut = { code: 'UNAUTHORIZED', httpStatus: 401, message: 'Your session has ended; sign in again.' }

/** One more session of the same person, through the unmodified client. */
async function signIn({ stack }: World, { email, password }: Person) {
  const { url, publishableKey } = stack.supabase
  const { auth } = createClient(url, publishableKey, { auth: { persistSession: false, autoRefreshToken: false } })
  const { data, error } = await auth.signInWithPassword({ email, password })
  if (error) throw error
  const { access_token: accessToken } = data.session
  return { auth, api: createStudiosClient({ url: stack.url, accessToken: () => accessToken }) }
}

describe('signing out', () => {
  test('everywhere takes effect on the very next call of every session', async ({ world }) => {
    const { admin, id: companyId } = await world.company()
    const second = await signIn(world, admin)
    expect((await second.api.me.profile.query()).id).toBe(admin.userId)
    expect((await second.auth.signOut({ scope: 'global' })).error).toBeNull()
    for (const { api } of [admin, second]) {
      expect(await refusal(api.me.profile.query())).toMatchObject(signedOut)
      expect(await refusal(api.companies.list.query({}))).toMatchObject(signedOut)
      expect(await refusal(api.companies.update.mutate({ companyId, name: 'Too Late' }))).toMatchObject(signedOut)
    }
  })

  test('here ends this session and leaves the others', async ({ world }) => {
    const ana = await world.signUp()
    const second = await signIn(world, ana)
    await second.auth.signOut({ scope: 'local' })
    expect(await refusal(second.api.me.profile.query())).toMatchObject(signedOut)
    expect((await ana.api.me.profile.query()).id).toBe(ana.userId)
  })

  test('elsewhere ends the others and leaves this session', async ({ world }) => {
    const ana = await world.signUp()
    const second = await signIn(world, ana)
    await second.auth.signOut({ scope: 'others' })
    expect(await refusal(ana.api.me.profile.query())).toMatchObject(signedOut)
    expect((await second.api.me.profile.query()).id).toBe(ana.userId)
  })

  test('ends the watching of a run at its next event', async ({ world }) => {
    const { company, start } = await pipeline(world)
    await world.stack.owner.query('insert into company_limits (company_id, max_concurrent_executions) values ($1, 0)', [
      company.id,
    ])
    const { executionId } = await start()
    const session = await signIn(world, company.viewer)
    await watch(company.viewer, executionId, { until: becomes('pending') })
    const watching = refusal(watch({ ...company.viewer, api: session.api }, executionId))
    await session.auth.signOut({ scope: 'local' })
    await company.member.api.executions.cancel.mutate({ executionId })
    expect(await watching).toMatchObject(signedOut)
  })
})
