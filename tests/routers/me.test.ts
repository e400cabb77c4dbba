import { describe, expect } from 'vitest'
import { createStudiosClient } from '../../src/client.ts'
import { companyFields, test } from '../support/world.ts'
import { faultyPaths, refusal } from './refusal.ts'

describe('me', () => {
  test('a person who signed up has a profile with the name given and the address signed in with', async ({ world }) => {
    const ana = await world.signUp('Ana Example')
    expect(await ana.api.me.profile.query()).toMatchObject({
      id: ana.userId,
      email: ana.email,
      fullName: 'Ana Example',
      status: 'active',
    })
  })

  test('a person changes their own name and nobody else does', async ({ world }) => {
    const [ana, bob] = await Promise.all([world.signUp('Ana Example'), world.signUp('Bob Example')])
    expect(await ana.api.me.update.mutate({ fullName: '  Ana Renamed ' })).toMatchObject({ fullName: 'Ana Renamed' })
    expect(await bob.api.me.profile.query()).toMatchObject({ fullName: 'Bob Example' })
  })

  test('a name is at least two characters and one line', async ({ world }) => {
    const ana = await world.signUp()
    for (const fullName of ['A', ' ', '🚚', 'two\nlines', 'x'.repeat(101), '\ud800\ud800']) {
      expect(new Set(await faultyPaths(ana.api.me.update.mutate({ fullName })))).toEqual(new Set(['fullName']))
    }
  })

  test('my companies are mine alone', async ({ world }) => {
    const [ana, bob] = await Promise.all([world.signUp(), world.signUp()])
    const { id, name } = await ana.api.companies.create.mutate(companyFields())
    expect((await ana.api.me.companies.query()).items).toMatchObject([{ companyId: id, companyName: name }])
    expect((await bob.api.me.companies.query()).items).toEqual([])
  })

  test('whoever is not signed in is told to', async ({ world }) => {
    const { me } = createStudiosClient({ url: world.stack.url })
    const signIn = { code: 'UNAUTHORIZED', httpStatus: 401, message: expect.stringContaining('Sign in') }
    for (const call of [me.profile.query(), me.companies.query(), me.update.mutate({ fullName: 'Nobody' })]) {
      expect(await refusal(call)).toMatchObject(signIn)
    }
  })
})
