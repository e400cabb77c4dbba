import { type Day, dayOfIsoDate, isoDate } from '../shared/calendar.ts'
import type { Minute } from './ticket.ts'

export const minutesPerDay = 24 * 60

const clock = /(\d{1,2}):(\d{2})(?::\d{2}(?:[.,]\d+)?)?\s*([ap])?\.?\s?m?/i

/** Minutes after midnight that a time such as `08:14`, `8:14 PM` or `2025-09-22T08:14:00Z` names; 0 where there is none. */
export function minuteOfDay(text: string): number {
  const match = clock.exec(text)
  if (!match) return 0
  const hour = Number(match[1])
  const half = match[3]?.toLowerCase()
  const hours = half ? (hour % 12) + (half === 'p' ? 12 : 0) : hour
  const minutes = Number(match[2])
  return hours > 23 || minutes > 59 ? 0 : hours * 60 + minutes
}

export function minuteOf(day: Day, text: string): Minute {
  return day * minutesPerDay + minuteOfDay(text)
}

/** `2025-09-22 08:14`. */
export function momentText(minute: Minute): string {
  const day = Math.floor(minute / minutesPerDay)
  const rest = minute - day * minutesPerDay
  return `${isoDate(day)} ${String(Math.floor(rest / 60)).padStart(2, '0')}:${String(rest % 60).padStart(2, '0')}`
}

/** The end of a day, or the moment itself where a time is given; undefined when it is neither. */
export function momentOf(text: string): Minute | undefined {
  const day = dayOfIsoDate(text.slice(0, 10))
  if (day === undefined) return undefined
  return text.length > 10 ? minuteOf(day, text.slice(11)) : (day + 1) * minutesPerDay
}

/** Minutes as days with two decimals. */
export function daysOf(minutes: number): number {
  return Math.round((minutes / minutesPerDay) * 100) / 100
}
