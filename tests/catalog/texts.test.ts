import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeColumn, codedText } from '../../catalog/shared/coded-columns.ts'
import { isBeyondChance, median, p90, percentOf } from '../../catalog/shared/statistics.ts'
import { matchingKey, mergeSpellings } from '../../catalog/shared/text-matching.ts'
import { collectWarnings } from '../../catalog/shared/warnings.ts'
import { counted, listed, readable } from '../../catalog/shared/wording.ts'

describe('spellings', () => {
  test('that differ in blanks, case, accents or punctuation are one; the most frequent is kept', () => {
    const merged = mergeSpellings(
      new Map([
        ['GTX Pro', 2],
        ['GTXPro', 5],
        ['gtx-pro', 1],
        ['MG Special', 9],
      ]),
    )
    expect(merged.merged).toEqual([{ kept: 'GTXPro', others: ['GTX Pro', 'gtx-pro'] }])
    expect(merged.canonical.get('gtx-pro')).toBe('GTXPro')
    expect(merged.canonical.get('MG Special')).toBe('MG Special')
  })

  test('of other scripts and of signs alone stay apart', () => {
    expect(matchingKey('Müller & Söhne')).toBe(matchingKey('muller sohne'))
    expect(
      mergeSpellings(
        new Map([
          ['+', 1],
          ['-', 1],
          ['東京', 1],
          ['大阪', 1],
        ]),
      ).merged,
    ).toEqual([])
  })
})

describe('statistics', () => {
  const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 50 })

  test('the median has as many values below as above', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const middle = median(values) ?? Number.NaN
        expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2)
        expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2)
      }),
    )
  })

  test('the 90th percentile is the smallest value that covers nine of ten', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const value = p90(values) ?? Number.NaN
        expect(values).toContain(value)
        expect(values.filter((other) => other <= value).length * 10).toBeGreaterThanOrEqual(values.length * 9)
        expect(values.filter((other) => other < value).length * 10).toBeLessThan(values.length * 9)
      }),
    )
  })

  test('nothing has neither', () => {
    expect([median([]), p90([]), percentOf(0, 0)]).toEqual([undefined, undefined, null])
  })

  test('percentages have two decimals, half to even', () => {
    expect([percentOf(4238, 6711), percentOf(1, 3), percentOf(1, 800), percentOf(3, 800)]).toEqual([
      63.15, 33.33, 0.12, 0.38,
    ])
  })

  test('a difference counts only when there are enough cases', () => {
    expect([isBeyondChance(0.7, 10, 0.6), isBeyondChance(0.7, 1000, 0.6), isBeyondChance(1, 0, 0.6)]).toEqual([
      false,
      true,
      false,
    ])
  })
})

test('a coded column gives back each text', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', '', 'c')), (values) => {
      const column = codeColumn(values)
      expect(values.map((_, row) => codedText(column, row))).toEqual(values)
      expect(new Set(column.names).size).toBe(column.names.length)
    }),
  )
})

test('warnings count all rows and name the first five lines', () => {
  const warnings = collectWarnings()
  const bad = warnings.kind('bad_date', ['closed'], (count) => `${count} dates could not be read.`)
  warnings.kind('unused', [], () => 'never')
  for (let line = 2; line < 10; line += 1) bad.at(line)
  expect(warnings.toList()).toEqual([
    { code: 'bad_date', columns: ['closed'], count: 8, lines: [2, 3, 4, 5, 6], message: '8 dates could not be read.' },
  ])
})

test('sentences have readable numbers', () => {
  expect([readable('-1234567.50'), readable(999), counted(1, 'deal'), counted(2000, 'deal')]).toEqual([
    '-1,234,567.50',
    '999',
    '1 deal',
    '2,000 deals',
  ])
  expect([listed([]), listed(['a']), listed(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c'])
})
