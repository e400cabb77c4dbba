import { expect, test } from 'vitest'
import { Turns } from '../src/turns.ts'

const refuse = () => {
  throw new Error('too many wait')
}

test('so many run at once, the others in the order in which they came, and no more than so many wait', async () => {
  const turns = new Turns({ atOnce: 2, mostWaiting: 2 })
  const started: string[] = []
  const doors = new Map<string, () => void>()
  const come = (name: string) =>
    turns.take(() => {
      started.push(name)
      return new Promise<string>((resolve) => doors.set(name, () => resolve(name)))
    }, refuse)
  const all = ['a', 'b', 'c', 'd'].map(come)
  expect(started).toEqual(['a', 'b'])
  await expect(come('e')).rejects.toThrow('too many wait')
  doors.get('b')?.()
  await all[1]
  await Promise.resolve()
  expect(started).toEqual(['a', 'b', 'c'])
  for (const name of ['a', 'c']) doors.get(name)?.()
  await Promise.all([all[0], all[2]])
  doors.get('d')?.()
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
})

test('work that fails gives its place on', async () => {
  const turns = new Turns({ atOnce: 1, mostWaiting: 1 })
  const failing = turns.take(async () => {
    throw new Error('it failed')
  }, refuse)
  const next = turns.take(async () => 'done', refuse)
  await expect(failing).rejects.toThrow('it failed')
  expect(await next).toBe('done')
})
