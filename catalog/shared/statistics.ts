import { type Decimal, decimalOf, decimalText, divide, multiply } from './decimal.ts'

/** The middle value; of an even count the mean of the two in the middle. Undefined for nothing. */
export function median(values: number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  const lower = sorted[middle - 1]
  return sorted.length % 2 === 0 && lower !== undefined && upper !== undefined ? (lower + upper) / 2 : upper
}

/** The smallest value that at least `percent` percent of the values do not exceed (nearest rank). */
export function percentile(values: number[], percent: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((percent * sorted.length) / 100) - 1)]
}

export function p90(values: number[]): number | undefined {
  return percentile(values, 90)
}

/** `part` of `whole` in percent with two decimals, rounded half to even on exact numbers; null of nothing. */
export function percentOf(part: number, whole: number): number | null {
  return percentOfAmount(decimalOf(part), decimalOf(whole))
}

/** As `percentOf`, for amounts. */
export function percentOfAmount(part: Decimal, whole: Decimal): number | null {
  if (whole.units === 0n) return null
  return Number(decimalText(divide(multiply(part, decimalOf(100)), whole, 2)))
}

/** Whether a share of `count` cases differs from an expected share by more than two standard errors. */
export function isBeyondChance(share: number, count: number, expected: number): boolean {
  if (count === 0) return false
  return Math.abs(share - expected) > 2 * Math.sqrt((expected * (1 - expected)) / count)
}
