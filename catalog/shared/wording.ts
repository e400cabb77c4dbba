import { type Decimal, decimalText, round } from './decimal.ts'

/** `10,005,534.50`: decimal text with thousands separators, for sentences. */
export function readable(value: number | string | Decimal): string {
  const text = typeof value === 'object' ? decimalText(value) : String(value)
  const [whole = '', decimals] = text.split('.')
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',')
  return decimals === undefined ? grouped : `${grouped}.${decimals}`
}

/** Money in a sentence: without decimals, rounded half to even. */
export function roundMoney(value: Decimal): string {
  return readable(round(value, 0))
}

/** `1 deal`, `2,000 deals`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${readable(count)} ${count === 1 ? singular : plural}`
}

/** `63.15 %`, or `no rate` where there is none. */
export function percent(value: number | null): string {
  return value === null ? 'no rate' : `${value.toFixed(2)} %`
}

/** `a, b and c`. */
export function listed(words: string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}
