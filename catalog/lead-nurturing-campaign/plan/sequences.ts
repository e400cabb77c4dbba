import { type Day, weekday } from '../../shared/calendar.ts'
import type { Segment } from '../lead.ts'

export const usualMessages: Record<Segment, number> = { hot: 3, warm: 4, cool: 4, dormant: 2 }
export const usualSpacing: Record<Segment, number> = { hot: 2, warm: 4, cool: 7, dormant: 14 }
export const mostMessages = 12

const themes: Record<Segment, readonly string[]> = {
  hot: [
    'Personal note with an offer to talk',
    'Short example from a similar company',
    'Concrete proposal or trial',
    'Answers to the usual doubts',
  ],
  warm: [
    'Guide to a problem they have',
    'Example from a similar company',
    'Invitation to a demonstration',
    'Offer to talk',
  ],
  cool: ['Welcome and what we do', 'Practical tip to use at once', 'Short guide', 'Example from a similar company'],
  dormant: ['Ask whether they are still interested', 'Last mail, with the choice to stay on the list'],
}

export function themeOf(segment: Segment, number: number): string {
  return themes[segment][number - 1] ?? `Follow-up ${number - themes[segment].length}`
}

/** The day itself, or the Monday after a weekend. */
export function workingDay(day: Day): Day {
  const number = weekday(day)
  return number > 5 ? day + 8 - number : day
}

/** Working days, each the spacing after the one before and never the same day twice. */
export function sendingDays(start: Day, count: number, spacing: number): Day[] {
  const days: Day[] = []
  let day = workingDay(start)
  for (let i = 0; i < count; i += 1) {
    days.push(day)
    day = workingDay(day + Math.max(1, spacing))
  }
  return days
}
