import { type Day, yearMonthDay } from './calendar.ts'
import { type DateOrder, type DateParts, dateOrders, datePartsOf, dayOfParts, dayOfSerial } from './date-text.ts'

export interface DateReader {
  order: DateOrder
  /** True when the dates fit several orders equally well and the order was assumed. */
  isAssumed: boolean
  /** The day of a text; undefined for an empty or unreadable one. */
  read: (text: string) => Day | undefined
}

/**
 * A reader for all date columns of a file. The order is taken from the whole of them: the one under which most dates
 * exist; of equals, the one that needs the fewest years; of equals, day first for dots and dashes and month first for slashes.
 */
export function dateReader(columns: string[][], wanted: DateOrder | 'auto'): DateReader {
  const texts = new Set<string>()
  for (const column of columns) for (const text of column) texts.add(text)
  const parsed: DateParts[] = []
  for (const text of texts) {
    const date = datePartsOf(text)
    if (date !== undefined && date.order === undefined) parsed.push(date)
  }
  const detected = wanted === 'auto' ? detectOrder(parsed) : { order: wanted, isAssumed: false }
  return { ...detected, read: remembered(detected.order) }
}

function remembered(order: DateOrder): DateReader['read'] {
  const known = new Map<string, Day | undefined>()
  return (text) => {
    if (known.has(text)) return known.get(text)
    const date = datePartsOf(text)
    const day = date === undefined ? dayOfSerial(text.trim()) : dayOfParts(date, order)
    known.set(text, day)
    return day
  }
}

interface Candidate {
  order: DateOrder
  readable: number
  years: number
}

function detectOrder(dates: DateParts[]): { order: DateOrder; isAssumed: boolean } {
  const usual = usualOrder(dates)
  if (dates.length === 0) return { order: usual, isAssumed: false }
  const candidates = dateOrders.map((order) => candidateOf(dates, order))
  const rank = (one: Candidate) => (one.order === usual ? 0 : 1)
  candidates.sort((a, b) => b.readable - a.readable || a.years - b.years || rank(a) - rank(b))
  const [best, second] = candidates
  if (best === undefined) return { order: usual, isAssumed: true }
  return { order: best.order, isAssumed: second?.readable === best.readable && second.years === best.years }
}

function candidateOf(dates: DateParts[], order: DateOrder): Candidate {
  const years = new Set<number>()
  let readable = 0
  for (const date of dates) {
    const day = dayOfParts(date, order)
    if (day === undefined) continue
    readable += 1
    years.add(yearMonthDay(day).year)
  }
  return { order, readable, years: years.size }
}

function usualOrder(dates: DateParts[]): DateOrder {
  const slashes = dates.filter((date) => date.separator === '/').length
  return slashes * 2 >= dates.length ? 'mdy' : 'dmy'
}
