import { expect, test } from 'vitest'
import { type Account, Lanes } from '../../src/storage/lanes.ts'

const of = (name: string, most = 2): Account => ({ name, most })
const busy = { code: 'UNAVAILABLE', message: 'File transfers are busy; try again in a moment.' }
const patient = { mostWaiting: 10, waitMs: 60_000 }

/** Comes to the lanes; who is let in, in their order. */
function gate(lanes: Lanes) {
  const inside: string[] = []
  const come = (name: string, accounts: Account[]) =>
    lanes.enter(accounts).then((leave) => {
      inside.push(name)
      return leave
    })
  return { inside, come }
}

test('one account takes no more than its share, and whoever is behind it in line goes by', async () => {
  const { inside, come } = gate(new Lanes({ atOnce: 3, ...patient }))
  const [first] = await Promise.all([come('a1', [of('a')]), come('a2', [of('a')])])
  const third = come('a3', [of('a')])
  const leave = await come('b1', [of('b'), of('one of b')])
  expect(inside).toEqual(['a1', 'a2', 'b1'])
  const [fourth, fifth] = [come('a4', [of('a')]), come('b2', [of('b')])]
  leave()
  await fifth
  expect(inside).toEqual(['a1', 'a2', 'b1', 'b2'])
  first?.()
  await third
  expect(inside.at(-1)).toBe('a3')
  ;(await third)()
  await fourth
  expect(inside.at(-1)).toBe('a4')
})

test('an account counts wherever it is named, and leaving twice frees one place', async () => {
  const lanes = new Lanes({ atOnce: 10, mostWaiting: 10, waitMs: 20 })
  const leave = await lanes.enter([of('company', 2), of('ana', 1)])
  await expect(lanes.enter([of('company', 2), of('ana', 1)])).rejects.toMatchObject(busy)
  await lanes.enter([of('company', 2), of('bob', 1)])
  await expect(lanes.enter([of('company', 2), of('eve', 1)])).rejects.toMatchObject(busy)
  leave()
  leave()
  await lanes.enter([of('company', 2), of('eve', 1)])
  await expect(lanes.enter([of('company', 2)])).rejects.toMatchObject(busy)
})

test('those for whom the line is full are refused at once; those whose time was over take no place', async () => {
  const lanes = new Lanes({ atOnce: 1, mostWaiting: 1, waitMs: 20 })
  const leave = await lanes.enter([])
  const waiting = lanes.enter([])
  await expect(lanes.enter([])).rejects.toMatchObject(busy)
  await expect(waiting).rejects.toMatchObject(busy)
  leave()
  const next = await lanes.enter([])
  const behind = lanes.enter([])
  next()
  await behind
})
