import { type Day, dayOf, isoDate, startOfWeek, yearMonthDay } from './calendar.ts'

/** `2025-W40`: the week of ISO 8601, which belongs to the year of its Thursday. */
export function isoWeek(day: Day): string {
  const thursday = startOfWeek(day) + 3
  const { year } = yearMonthDay(thursday)
  const week = Math.floor((thursday - (dayOf(year, 1, 1) ?? thursday)) / 7) + 1
  return `${String(year).padStart(4, '0')}-W${String(week).padStart(2, '0')}`
}

/** The Monday of the week, as a date. */
export function weekStart(day: Day): string {
  return isoDate(startOfWeek(day))
}
