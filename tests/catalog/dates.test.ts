import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dayOf, dayOfIsoDate, isoDate, startOfWeek, weekday } from '../../catalog/shared/calendar.ts'
import { dateReader } from '../../catalog/shared/date-reading.ts'
import { type DateOrder, dateOrders } from '../../catalog/shared/date-text.ts'

const millisecondsPerDay = 86_400_000
const someDay = fc.integer({ min: -25_000, max: 40_000 })

function read(texts: string[], order: DateOrder | 'auto' = 'auto'): (string | undefined)[] {
  const reader = dateReader([texts], order)
  return texts.map(reader.read).map((day) => (day === undefined ? undefined : isoDate(day)))
}

describe('the calendar', () => {
  test('agrees with Date on every day', () => {
    fc.assert(
      fc.property(someDay, (day) => {
        const date = new Date(day * millisecondsPerDay)
        expect(isoDate(day)).toBe(date.toISOString().slice(0, 10))
        expect(dayOf(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())).toBe(day)
        expect(dayOfIsoDate(isoDate(day))).toBe(day)
        expect(weekday(day) % 7).toBe(date.getUTCDay())
        expect(weekday(startOfWeek(day))).toBe(1)
      }),
    )
  })

  test('knows which days do not exist', () => {
    expect([
      dayOf(2017, 2, 29),
      dayOf(2016, 2, 30),
      dayOf(2017, 13, 1),
      dayOf(2017, 4, 31),
      dayOf(1900, 2, 29),
    ]).toEqual(Array(5).fill(undefined))
  })
})

describe('dates in a column', () => {
  const days = fc.array(fc.integer({ min: 16_000, max: 18_500 }), { minLength: 40, maxLength: 60 })
  const years = fc.constantFrom('full', 'short')

  test('are read in the order in which they were written, whatever it is', () => {
    fc.assert(
      fc.property(
        days,
        fc.constantFrom(...dateOrders),
        fc.constantFrom('/', '-', '.'),
        years,
        (column, order, separator, year) => {
          const texts = column.map((day) => written(day, order, separator, year === 'short'))
          expect(read(texts)).toEqual(column.map(isoDate))
        },
      ),
      { numRuns: 60 },
    )
  })

  test.each([
    ['2016-10-20', '2016-10-20'],
    ['2016-10-20T14:05:00Z', '2016-10-20'],
    ['2016/10/20 14:05', '2016-10-20'],
    ['20161020', '2016-10-20'],
    ['20 Oct 2016', '2016-10-20'],
    ['20-Oct-16', '2016-10-20'],
    ['October 20, 2016', '2016-10-20'],
    ['Thursday, Oct 20th, 2016', '2016-10-20'],
    ['20. Oktober 2016', '2016-10-20'],
    ['20 de octubre de 2016', '2016-10-20'],
    ['1 juillet 2016', '2016-07-01'],
    ['1 août 2016', '2016-08-01'],
    ['2016 Oct 20', '2016-10-20'],
    ['42663', '2016-10-20'],
  ])('%s is %s', (text, expected) => {
    expect(read([text])).toEqual([expected])
  })

  test.each(['', 'soon', '2016-02-30', '31/31/2016', '12/2016', '5', '1234567', 'Foo 12, 2016', '1/2/3/4567x'])(
    '%j is no date',
    (text) => {
      expect(read([text])).toEqual([undefined])
    },
  )

  test('follow the order that the user names', () => {
    expect(read(['03/04/2017'], 'dmy')).toEqual(['2017-04-03'])
    expect(read(['03/04/2017'], 'mdy')).toEqual(['2017-03-04'])
  })

  test('are marked as assumed when nothing tells the order', () => {
    expect(dateReader([['03/04/2017', '05/06/2017']], 'auto')).toMatchObject({ order: 'mdy', isAssumed: true })
    expect(dateReader([['03.04.2017', '05.06.2017']], 'auto')).toMatchObject({ order: 'dmy', isAssumed: true })
    expect(dateReader([['03/04/2017'], ['25/06/2017']], 'auto')).toMatchObject({ order: 'dmy', isAssumed: false })
  })
})

function written(day: number, order: DateOrder, separator: string, isShort: boolean): string {
  const [year = '', month = '', dayOfMonth = ''] = isoDate(day).split('-')
  const parts = { y: isShort ? year.slice(2) : year, m: month, d: dayOfMonth }
  const [a, b, c] = { ymd: ['y', 'm', 'd'] as const, mdy: ['m', 'd', 'y'] as const, dmy: ['d', 'm', 'y'] as const }[
    order
  ]
  return [parts[a], parts[b], parts[c]].join(separator)
}
