import { type Day, dayOf } from './calendar.ts'
import { matchingKey } from './text-matching.ts'

export const dateOrders = ['ymd', 'mdy', 'dmy'] as const
export type DateOrder = (typeof dateOrders)[number]

/** The parts of a date text. `order` is set when the text itself leaves no doubt. */
export interface DateParts {
  parts: [number, number, number]
  order?: DateOrder
  /** Between the parts; empty for a text such as 20161020. */
  separator: string
}

const numeric = /^(\d{1,4})\s*([-/.\s])\s*(\d{1,2})\s*[-/.\s]\s*(\d{1,4})\.?(?:$|[T\s,])/
const named =
  /^(?:\p{L}+\.?,\s*)?(?:(\d{1,2})(?:st|nd|rd|th)?[.\s-]+(?:de\s+)?(\p{L}{3,12})|(\p{L}{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?)[.,\s'-]+(?:de\s+)?(\d{4}|\d{2})(?:$|[T\s,])/u
const yearNamed = /^(\d{4})[\s-]+(\p{L}{3,12})[.\s-]+(\d{1,2})(?:$|[T\s,])/u
const compact = /^(\d{4})(\d{2})(\d{2})(?:$|T)/
const serial = /^\d{5}(?:\.\d+)?$/
const longestDate = 60
const serialEpoch = -25_569

// English first, then German, French, Spanish, Italian and Dutch where they differ in the first letters.
const months = [
  'jan gen ene',
  'feb fev fév',
  'mar mär mrz maa',
  'apr avr abr',
  'may mai mag mei',
  'jun juin giu',
  'jul juil lug',
  'aug aou aoû ago',
  'sep set',
  'oct okt ott out',
  'nov',
  'dec dez déc dic',
].map((names) => names.split(' ').map(matchingKey))

/** Reads the parts of a date without deciding their order; a time of day after the date is ignored. */
export function datePartsOf(raw: string): DateParts | undefined {
  const text = raw.trim()
  if (text.length > longestDate) return undefined
  const match = numeric.exec(text)
  if (match) return numericParts(match)
  const packed = compact.exec(text)
  if (packed) return { parts: numbers(packed[1], packed[2], packed[3]), order: 'ymd', separator: '' }
  return serial.test(text) ? undefined : namedParts(text)
}

/** The day of parts in a given order, or undefined when there is no such date. */
export function dayOfParts(date: DateParts, order: DateOrder): Day | undefined {
  const [a, b, c] = date.parts
  switch (date.order ?? order) {
    case 'ymd':
      return dayOf(fullYear(a), b, c)
    case 'mdy':
      return dayOf(fullYear(c), a, b)
    case 'dmy':
      return dayOf(fullYear(c), b, a)
  }
}

/** The day of a spreadsheet's serial number such as 42663, or undefined. */
export function dayOfSerial(text: string): Day | undefined {
  const day = Math.floor(Number(text))
  return serial.test(text) && day >= 20_000 && day <= 80_000 ? day + serialEpoch : undefined
}

function numericParts(match: RegExpExecArray): DateParts | undefined {
  const [, first = '', separator = '', second = '', third = ''] = match
  if (first.length === 3 || third.length === 3 || (first.length === 4 && third.length === 4)) return undefined
  const parts = numbers(first, second, third)
  return first.length === 4 ? { parts, order: 'ymd', separator } : { parts, separator }
}

function namedParts(text: string): DateParts | undefined {
  const byYear = yearNamed.exec(text)
  const match = byYear ? undefined : named.exec(text)
  const month = monthOf(byYear?.[2] ?? match?.[2] ?? match?.[3] ?? '')
  const year = byYear?.[1] ?? match?.[5]
  const dayOfMonth = byYear?.[3] ?? match?.[1] ?? match?.[4]
  if (month === 0 || year === undefined || dayOfMonth === undefined) return undefined
  return { parts: [fullYear(Number(year)), month, Number(dayOfMonth)], order: 'ymd', separator: ' ' }
}

function monthOf(name: string): number {
  const key = matchingKey(name)
  const best = { month: 0, length: 0 }
  months.forEach((prefixes, index) => {
    for (const prefix of prefixes) {
      if (key.startsWith(prefix) && prefix.length > best.length)
        Object.assign(best, { month: index + 1, length: prefix.length })
    }
  })
  return best.month
}

function numbers(a = '', b = '', c = ''): [number, number, number] {
  return [Number(a), Number(b), Number(c)]
}

// As POSIX strptime has it: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068.
function fullYear(year: number): number {
  if (year >= 100) return year
  return year >= 69 ? 1900 + year : 2000 + year
}
