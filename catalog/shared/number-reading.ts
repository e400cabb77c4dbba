import { type Decimal, parseDecimal } from './decimal.ts'

export type DecimalMark = '.' | ','

export interface NumberReader {
  mark: DecimalMark
  /** True when nothing in the column tells thousands separators from decimal marks. */
  isAssumed: boolean
  /** The exact number of a text; undefined for an empty or unreadable one. */
  read: (text: string) => Decimal | undefined
}

interface BareNumber {
  isNegative: boolean
  /** Digits, dots and commas only. */
  digits: string
}

const longestNumber = 60
const grouped = { '.': /^\d{1,3}(?:\.\d{3})+$/, ',': /^\d{1,3}(?:,\d{2,3})*,\d{3}$/ }

/**
 * A reader for one column. A text that can only be read one way is read that way; `1,234` and `1.234` follow the
 * majority of the column, and mean thousands when the column has nothing to say.
 */
export function numberReader(column: Iterable<string>): NumberReader {
  const votes = { '.': 0, ',': 0 }
  let doubtful = 0
  for (const text of new Set(column)) {
    const digits = bareNumber(text)?.digits
    if (digits === undefined) continue
    const mark = ownMark(digits)
    if (mark !== undefined) votes[mark] += 1
    else if (/[.,]/.test(digits)) doubtful += 1
  }
  const isUndecided = votes['.'] === votes[',']
  const mark: DecimalMark = votes[','] > votes['.'] ? ',' : '.'
  return { mark, isAssumed: isUndecided && doubtful > 0, read: remembered(isUndecided ? undefined : mark) }
}

function remembered(columnMark: DecimalMark | undefined): NumberReader['read'] {
  const known = new Map<string, Decimal | undefined>()
  return (text) => {
    if (known.has(text)) return known.get(text)
    const bare = bareNumber(text)
    const value = bare === undefined ? undefined : exactNumber(bare, columnMark)
    known.set(text, value)
    return value
  }
}

/** Without sign, brackets, currency and blanks; undefined when something else remains. */
function bareNumber(raw: string): BareNumber | undefined {
  const inner = raw.trim()
  if (inner.length > longestNumber) return undefined
  const isBracketed = inner.startsWith('(') && inner.endsWith(')')
  const text = (isBracketed ? inner.slice(1, -1) : inner)
    .replace(/^([-+−]?)\s*(?:\p{Sc}|(?:[A-Z]{2,3}|Fr\.|kr\.?)(?=[\s\d+−-]|\p{Sc}))+/u, '$1')
    .replace(/\s*(?:\p{Sc}|[A-Z]{3}|Fr\.|kr\.?|,-|\.-)\s*$/u, '')
    .replace(/[\s'’_]/g, '')
  const match = /^([-+−]?)(?:\p{Sc})?([\d.,]*\d[\d.,]*)([-−]?)$/u.exec(text)
  const digits = match?.[2]
  if (digits === undefined) return undefined
  const signs = `${match?.[1] ?? ''}${match?.[3] ?? ''}`
  return { isNegative: isBracketed || /[-−]/.test(signs), digits }
}

/** The decimal mark that the text itself proves, or undefined. */
function ownMark(digits: string): DecimalMark | undefined {
  const point = digits.lastIndexOf('.')
  const comma = digits.lastIndexOf(',')
  if (point !== -1 && comma !== -1) return point > comma ? '.' : ','
  const mark = point !== -1 ? '.' : ','
  const last = Math.max(point, comma)
  if (last === -1) return undefined
  if (digits.indexOf(mark) !== last) return mark === '.' ? ',' : '.'
  const isThousands = digits.length - last - 1 === 3 && last >= 1 && last <= 3 && !digits.startsWith('0')
  return isThousands ? undefined : mark
}

function exactNumber({ isNegative, digits }: BareNumber, columnMark: DecimalMark | undefined): Decimal | undefined {
  const mark = ownMark(digits) ?? columnMark ?? (digits.includes('.') ? ',' : '.')
  const [whole = '', decimals = '', ...rest] = digits.split(mark)
  const separator = mark === '.' ? ',' : '.'
  if (rest.length > 0 || !/^\d*$/.test(decimals)) return undefined
  if (whole.includes(separator) && !grouped[separator].test(whole)) return undefined
  const plain = whole.replaceAll(separator, '') || '0'
  return parseDecimal(`${isNegative ? '-' : ''}${plain}${decimals === '' ? '' : `.${decimals}`}`)
}
