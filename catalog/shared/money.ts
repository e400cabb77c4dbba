import { add, type Decimal, decimalOf, decimalText, divide, multiply, parseDecimal, zero } from './decimal.ts'
import { readable } from './wording.ts'

/** What stands for a currency that nobody named (ISO 4217). */
export const noCurrency = 'XXX'

const symbols: readonly (readonly [string, string])[] = [
  ['CHF', 'CHF'],
  ['Fr.', 'CHF'],
  ['A$', 'AUD'],
  ['C$', 'CAD'],
  ['€', 'EUR'],
  ['£', 'GBP'],
  ['$', 'USD'],
  ['¥', 'JPY'],
  ['₹', 'INR'],
  ['zł', 'PLN'],
]
const names = new Map([
  ['EURO', 'EUR'],
  ['EUROS', 'EUR'],
  ['DOLLAR', 'USD'],
  ['DOLLARS', 'USD'],
  ['POUND', 'GBP'],
  ['POUNDS', 'GBP'],
])

const onlyWord = /^[^A-Za-z]*([A-Za-z]{3})[^A-Za-z]*$/
const upperCaseWord = /(?:^|[^A-Za-z])([A-Z]{3})(?![A-Za-z])/

/** The ISO code that a text such as `eur`, `€` or `1.200,00 EUR` names; undefined when it names none. */
export function currencyIn(text: string): string | undefined {
  const code = onlyWord.exec(text)?.[1] ?? upperCaseWord.exec(text)?.[1]
  if (code) return code.toUpperCase()
  const symbol = symbols.find(([sign]) => text.includes(sign))
  return symbol?.[1] ?? names.get(text.trim().toUpperCase())
}

/** Exact decimal text with at least two decimals. */
export function moneyText(value: Decimal): string {
  return decimalText(add(value, { units: 0n, scale: 2 }))
}

/** `EUR 1,200.50`, for sentences. */
export function moneyIn(currency: string, value: Decimal): string {
  return `${currency === noCurrency ? 'no currency' : currency} ${readable(moneyText(value))}`
}

/** `part` of `whole` in percent with two decimals; null where there is no whole. */
export function shareOf(part: Decimal, whole: Decimal): number | null {
  if (whole.units === 0n) return null
  return Number(decimalText(divide(multiply(part, decimalOf(100)), whole, 2)))
}

/** Sums by key that are never mixed up: one key for each currency, for example. */
export class Sums {
  private readonly totals = new Map<string, Decimal>()

  add(key: string, amount: Decimal | string): void {
    const value = typeof amount === 'string' ? parseDecimal(amount) : amount
    this.totals.set(key, add(this.totals.get(key) ?? zero, value))
  }

  of(key: string): Decimal {
    return this.totals.get(key) ?? zero
  }

  keys(): string[] {
    return [...this.totals.keys()].sort((a, b) => (a < b ? -1 : 1))
  }
}
