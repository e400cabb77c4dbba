/** An exact decimal number: `units` times ten to the power of minus `scale`. Money is never a float. */
export interface Decimal {
  units: bigint
  scale: number
}

export const zero: Decimal = { units: 0n, scale: 0 }

export function decimalOf(whole: number | bigint): Decimal {
  return { units: BigInt(whole), scale: 0 }
}

/** Reads plain decimal text such as `-1054.50`. @throws when it is anything else. */
export function parseDecimal(text: string): Decimal {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new Error(`"${text}" is not a decimal number`)
  const point = text.indexOf('.')
  if (point === -1) return { units: BigInt(text), scale: 0 }
  return { units: BigInt(text.slice(0, point) + text.slice(point + 1)), scale: text.length - point - 1 }
}

/** Plain decimal text with all decimals of its scale. */
export function decimalText({ units, scale }: Decimal): string {
  const sign = units < 0n ? '-' : ''
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return scale === 0 ? sign + whole : `${sign}${whole}.${digits.slice(digits.length - scale)}`
}

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  return { units: unitsAt(a, scale) + unitsAt(b, scale), scale }
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { units: -b.units, scale: b.scale })
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { units: a.units * b.units, scale: a.scale + b.scale }
}

/** Quotient with `scale` decimals, rounded half to even. @throws on division by zero. */
export function divide(a: Decimal, b: Decimal, scale: number): Decimal {
  if (b.units === 0n) throw new Error('A number cannot be divided by zero')
  const shift = scale + b.scale - a.scale
  const numerator = shift > 0 ? a.units * powerOfTen(shift) : a.units
  const denominator = shift < 0 ? b.units * powerOfTen(-shift) : b.units
  return { units: divideHalfEven(numerator, denominator), scale }
}

/** With at most `scale` decimals, rounded half to even. */
export function round(value: Decimal, scale: number): Decimal {
  if (value.scale <= scale) return value
  return { units: divideHalfEven(value.units, powerOfTen(value.scale - scale)), scale }
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = zero
  for (const value of values) total = add(total, value)
  return total
}

/** Negative, zero or positive, as for `sort`. */
export function compare(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale)
  const difference = unitsAt(a, scale) - unitsAt(b, scale)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

function unitsAt(value: Decimal, scale: number): bigint {
  return value.scale === scale ? value.units : value.units * powerOfTen(scale - value.scale)
}

function powerOfTen(exponent: number): bigint {
  return 10n ** BigInt(exponent)
}

function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const isNegative = numerator < 0n !== denominator < 0n
  const n = numerator < 0n ? -numerator : numerator
  const d = denominator < 0n ? -denominator : denominator
  const quotient = n / d
  const twice = (n % d) * 2n
  const rounded = twice > d || (twice === d && quotient % 2n === 1n) ? quotient + 1n : quotient
  return isNegative ? -rounded : rounded
}
