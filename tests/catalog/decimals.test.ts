import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  add,
  compare,
  decimalText,
  divide,
  multiply,
  parseDecimal,
  round,
  subtract,
  sum,
} from '../../catalog/shared/decimal.ts'

const decimal = fc.record({
  units: fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
  scale: fc.integer({ min: 0, max: 8 }),
})
const largestScale = 8

/** Units at the largest scale: an exact stand-in for the value. */
function exact({ units, scale }: { units: bigint; scale: number }): bigint {
  return units * 10n ** BigInt(largestScale - scale)
}

describe('decimals', () => {
  test('read what they write', () => {
    fc.assert(
      fc.property(decimal, (value) => {
        expect(parseDecimal(decimalText(value))).toEqual(value)
      }),
    )
  })

  test('add, subtract and compare as whole numbers do', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        expect(exact(add(a, b))).toBe(exact(a) + exact(b))
        expect(exact(subtract(a, b))).toBe(exact(a) - exact(b))
        expect(Math.sign(compare(a, b))).toBe(exact(a) < exact(b) ? -1 : exact(a) > exact(b) ? 1 : 0)
        const product = multiply(a, b)
        expect(product).toEqual({ units: a.units * b.units, scale: a.scale + b.scale })
      }),
    )
  })

  test('sum without regard to order', () => {
    fc.assert(
      fc.property(fc.array(decimal), (values) => {
        expect(compare(sum(values), sum(values.toReversed()))).toBe(0)
      }),
    )
  })

  test('divide to the nearest, and to the even one of two', () => {
    fc.assert(
      fc.property(decimal, decimal, fc.integer({ min: 0, max: 6 }), (a, b, scale) => {
        fc.pre(b.units !== 0n)
        const quotient = divide(a, b, scale)
        const shift = 10n ** BigInt(scale)
        const rest = exact(a) * shift - quotient.units * exact(b)
        const twice = (rest < 0n ? -rest : rest) * 2n
        const divisor = exact(b) < 0n ? -exact(b) : exact(b)
        expect(twice <= divisor).toBe(true)
        if (twice === divisor) expect(quotient.units % 2n).toBe(0n)
      }),
    )
  })

  test.each([
    ['0.125', 2, '0.12'],
    ['0.135', 2, '0.14'],
    ['-2.5', 0, '-2'],
    ['-3.5', 0, '-4'],
    ['0.1', 2, '0.1'],
  ])('%s rounded to %i decimals is %s', (text, scale, expected) => {
    expect(decimalText(round(parseDecimal(text), scale))).toBe(expected)
  })

  test('never lose a cent, as floats do', () => {
    expect(decimalText(sum(Array(10).fill(parseDecimal('0.1'))))).toBe('1.0')
  })

  test.each(['', '1.', '.5', '1e3', '1,5', 'NaN', '--1'])('%j is refused', (text) => {
    expect(() => parseDecimal(text)).toThrow('is not a decimal number')
  })

  test('refuse to divide by zero', () => {
    expect(() => divide(parseDecimal('1'), parseDecimal('0'), 2)).toThrow('cannot be divided by zero')
  })
})
