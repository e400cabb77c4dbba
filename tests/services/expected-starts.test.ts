import { describe, expect, test } from 'vitest'
import { expectedStart } from '../../src/services/workflows/queue.ts'

const now = new Date('2026-11-21T10:00:00.000Z')
const state = { running: 0, concurrentLimit: 1, meanSeconds: null, usedThisMonth: 3, monthlyLimit: 3 }
const overQuota = (place: number, given: Partial<typeof state> = {}) =>
  expectedStart({ heldFor: 'quota', place }, { ...state, ...given }, now)

describe('a run over the quota is expected to start', () => {
  test('with the month that has room for it', () => {
    const starts = [1, 3, 4, 6, 7].map((place) => overQuota(place)?.slice(0, 7))
    expect(starts).toEqual(['2026-12', '2026-12', '2027-01', '2027-01', '2027-02'])
  })

  test('at once where this month has room again, and in whole months after a limit that was lowered', () => {
    expect(overQuota(2, { monthlyLimit: 5 })).toBe(now.toISOString())
    expect(overQuota(3, { monthlyLimit: 5 })).toBe('2026-12-01T00:00:00.000Z')
    expect(overQuota(1, { monthlyLimit: 2 })).toBe('2026-12-01T00:00:00.000Z')
  })

  test('nobody can tell when, without any quota or years ahead', () => {
    expect(overQuota(1, { monthlyLimit: 0 })).toBeNull()
    expect(overQuota(360)).toBe('2036-11-01T00:00:00.000Z')
    expect([overQuota(361), overQuota(1e9)]).toEqual([null, null])
  })
})
