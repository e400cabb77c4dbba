import { expect, test } from 'vitest'
import { BoundedCache } from '../../src/bounded-cache.ts'

test('a cache keeps the newest values and never more than it may', () => {
  const cache = new BoundedCache<number, string>(3)
  for (const key of [1, 2, 3, 1, 4, 5]) cache.set(key, `value ${key}`)
  expect(cache.size).toBe(3)
  expect([1, 2, 3, 4, 5].map((key) => cache.get(key))).toEqual(['value 1', undefined, undefined, 'value 4', 'value 5'])
})

test('a value is forgotten when it is taken out', () => {
  const cache = new BoundedCache<string, number>(2)
  cache.set('a', 1)
  cache.delete('a')
  expect([cache.size, cache.get('a')]).toEqual([0, undefined])
})
