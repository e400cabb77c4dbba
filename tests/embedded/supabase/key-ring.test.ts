import { expect, test } from 'vitest'
import { loadKeyRing } from '../../../src/embedded/supabase/key-ring.ts'
import { createSupabaseKeys } from '../../../src/embedded/supabase/keys.ts'

const second = 1000

async function ringAndToken(claims: object = {}) {
  const ring = await loadKeyRing(await createSupabaseKeys())
  return { ring, token: await ring.sign({ sub: 'ana', exp: 100, ...claims }) }
}

test('a token that was found good is refused once it has expired, and good again only to a clock that is set back', async () => {
  const { ring, token } = await ringAndToken()
  for (const now of [50, 99]) expect(await ring.verify(token, now * second)).toMatchObject({ sub: 'ana' })
  await expect(ring.verify(token, 100 * second)).rejects.toThrow('token is expired')
  await expect(ring.verify(token, 500 * second)).rejects.toThrow('token is expired')
  expect(await ring.verify(token, 50 * second)).toMatchObject({ sub: 'ana' })
})

test('a token that is good only from some time on is looked at each time', async () => {
  const { ring, token } = await ringAndToken({ nbf: 50 })
  expect(await ring.verify(token, 60 * second)).toMatchObject({ sub: 'ana' })
  await expect(ring.verify(token, 40 * second)).rejects.toThrow()
})

test('a token with another signature is refused beside the one that was found good', async () => {
  const { ring, token } = await ringAndToken()
  const { token: strange } = await ringAndToken()
  await ring.verify(token, second)
  await expect(ring.verify(strange, second)).rejects.toThrow()
  const spliced = [...token.split('.').slice(0, 2), strange.split('.')[2]].join('.')
  await expect(ring.verify(spliced, second)).rejects.toThrow()
})
