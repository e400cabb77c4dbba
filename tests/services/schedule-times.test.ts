import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DomainError } from '../../src/errors.ts'
import { checkTimes, nextTimes, timesBetween } from '../../src/services/workflows/schedule-times.ts'

const berlin = (cron: string) => ({ cron, timezone: 'Europe/Berlin' })
const onTheWall = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/Berlin',
  dateStyle: 'short',
  timeStyle: 'short',
})

/** What the clocks in Berlin show at the next times after a moment. */
function shown(cron: string, after: string, count: number): string[] {
  return nextTimes(berlin(cron), new Date(after), count).map((time) => onTheWall.format(new Date(time)))
}

function faultOf(cron: string): string | undefined {
  try {
    checkTimes({ cron, timezone: 'UTC' })
    return undefined
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return error.issues.map(({ path, message }) => `${path} ${message}`).join()
  }
}

describe('the times of a schedule', () => {
  test('follow the clocks of its time zone through the year', () => {
    expect(nextTimes(berlin('30 8 * * 1-5'), new Date('2026-03-26T12:00:00Z'), 3)).toEqual([
      '2026-03-27T07:30:00.000Z',
      '2026-03-30T06:30:00.000Z',
      '2026-03-31T06:30:00.000Z',
    ])
  })

  test('in spring, what the clock leaves out comes once, at the end of the gap', () => {
    const days = ['2026-03-28 02:30', '2026-03-29 03:00', '2026-03-30 02:30']
    expect(shown('30 2 * * *', '2026-03-27T12:00:00Z', 3)).toEqual(days)
    const several = ['2026-03-29 01:30', '2026-03-29 03:00', '2026-03-29 03:30', '2026-03-30 01:00']
    expect(shown('0,30 1-3 * * *', '2026-03-29T00:00:00Z', 4)).toEqual(several)
  })

  test('in autumn, what the clock shows twice comes once', () => {
    const days = ['2026-10-24 02:30', '2026-10-25 02:30', '2026-10-26 02:30']
    expect(shown('30 2 * * *', '2026-10-23T12:00:00Z', 3)).toEqual(days)
    const several = ['2026-10-25 01:30', '2026-10-25 02:00', '2026-10-25 02:30', '2026-10-25 03:00']
    expect(shown('0,30 1-3 * * *', '2026-10-24T23:00:00Z', 4)).toEqual(several)
  })

  test('given in steps go on through both nights without a pause', () => {
    for (const night of ['2026-03-28T22:10:00Z', '2026-10-24T22:10:00Z']) {
      const times = nextTimes(berlin('*/30 * * * *'), new Date(night), 20).map((time) => Date.parse(time))
      expect(times.slice(1).map((time, place) => time - (times[place] ?? 0))).toEqual(Array(19).fill(30 * 60_000))
    }
  })

  test('are the same one after the other, all at once, or looked at backwards', () => {
    const minute = fc.constantFrom('0', '30', '0,30', '*/15', '5-59/20')
    const hour = fc.constantFrom('*', '2', '1-3', '2,14', '*/2', '0')
    const start = fc.constantFrom('2026-03-28T00:00:00Z', '2026-10-24T00:00:00Z', '2026-06-30T10:10:10Z')
    fc.assert(
      fc.property(minute, hour, start, fc.integer({ min: 1, max: 40 }), (m, h, from, count) => {
        const times = berlin(`${m} ${h} * * *`)
        const after = new Date(from)
        const all = nextTimes(times, after, count)
        const chain: string[] = []
        while (chain.length < count) chain.push(...nextTimes(times, new Date(chain.at(-1) ?? after), 1))
        expect(chain).toEqual(all)
        expect(timesBetween(times, after, new Date(all.at(-1) ?? after), 1000)).toEqual(all)
        expect(timesBetween(times, after, new Date(all.at(-1) ?? after), 7)).toEqual(all.slice(-7))
      }),
    )
  })
})

describe('a pattern is refused', () => {
  test('when it comes due more often than every five minutes, also around the hour and midnight', () => {
    const refused = 'cron must leave at least 5 minutes between two occurrences'
    for (const cron of [
      '* * * * *',
      '*/4 * * * *',
      '0,3 8 * * 1',
      '0,58 8-9 * * *',
      '58,2 23,0 * * *',
      '*/7 * * * *',
    ]) {
      expect([cron, faultOf(cron)]).toEqual([cron, refused])
    }
    for (const cron of ['*/5 * * * *', '0,5,55 * * * *', '0,58 8 * * *', '0 0 29 2 *', '0 9 L * *']) {
      expect([cron, faultOf(cron)]).toEqual([cron, undefined])
    }
  })

  test('when it cannot be read, or never comes due', () => {
    expect(faultOf('61 8 * * *')).toMatch(/^cron is not a time pattern such as .*61/)
    expect(faultOf('soon and then * *')).toMatch(/^cron is not a time pattern/)
    expect(faultOf('0 0 30 2 *')).toBe('cron never comes due; there is no such day')
  })
})
