import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decimalText } from '../../catalog/shared/decimal.ts'
import { numberReader } from '../../catalog/shared/number-reading.ts'

function read(texts: string[]): (string | undefined)[] {
  const reader = numberReader(texts)
  return texts.map(reader.read).map((value) => (value === undefined ? undefined : decimalText(value)))
}

const amount = fc.record({
  whole: fc.integer({ min: 0, max: 99_999_999 }),
  cents: fc.integer({ min: 0, max: 99 }),
  isNegative: fc.boolean(),
})

describe('numbers in a column', () => {
  test.each([
    ['.', ','],
    [',', '.'],
    [',', ' '],
    ['.', "'"],
    [',', '\u202f'],
    ['.', ''],
  ])('with the mark %j and thousands by %j are read exactly', (mark, separator) => {
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 20 }), (amounts) => {
        const cents = (value: { cents: number }) => String(value.cents).padStart(2, '0')
        const sign = (value: { isNegative: boolean }) => (value.isNegative ? '-' : '')
        const texts = amounts.map(
          (it) => `${sign(it)}${String(it.whole).replace(/\B(?=(\d{3})+$)/g, separator)}${mark}${cents(it)}`,
        )
        const isZero = (it: { whole: number; cents: number }) => it.whole === 0 && it.cents === 0
        expect(read(texts)).toEqual(amounts.map((it) => `${isZero(it) ? '' : sign(it)}${it.whole}.${cents(it)}`))
      }),
      { numRuns: 50 },
    )
  })

  test.each([
    ['1054', '1054'],
    ['$1,054.50', '1054.50'],
    ['1.054,50 €', '1054.50'],
    ['USD 12', '12'],
    ['CHF 1’250.00', '1250.00'],
    ['1 250 kr', '1250'],
    ['(1,250.75)', '-1250.75'],
    ['($12.50)', '-12.50'],
    ['-$12.50', '-12.50'],
    ['$-12.50', '-12.50'],
    ['12.50-', '-12.50'],
    ['1,234,567', '1234567'],
    ['12,34,567.5', '1234567.5'],
    ['0,5', '0.5'],
    ['.5', '0.5'],
    ['0.125', '0.125'],
  ])('%s is %s', (text, expected) => {
    expect(read([text])).toEqual([expected])
  })

  test.each(['', 'n/a', 'twelve', '1.2.3', '12k', '1,2,3', '-', '$', '1-2'])('%j is no number', (text) => {
    expect(read([text])).toEqual([undefined])
  })

  test('that could be read two ways follow the rest of the column', () => {
    expect(read(['1,234', '12,50'])).toEqual(['1.234', '12.50'])
    expect(read(['1,234', '12.50'])).toEqual(['1234', '12.50'])
    expect(read(['1.234', '12,50'])).toEqual(['1234', '12.50'])
  })

  test('that nothing decides are thousands, and marked as assumed', () => {
    expect(read(['1,234', '5,678'])).toEqual(['1234', '5678'])
    expect(read(['1.234', '5.678'])).toEqual(['1234', '5678'])
    expect(numberReader(['1,234']).isAssumed).toBe(true)
    expect(numberReader(['1234', '12.5']).isAssumed).toBe(false)
  })
})
