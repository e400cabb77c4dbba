import { Cron } from 'croner'
import { BoundedCache } from '../../bounded-cache.ts'
import { leastMinutesApart } from '../../contracts/schedules.ts'
import { badInput } from '../../errors.ts'

/** When a schedule comes due: a pattern of five fields, read on the clocks of a time zone. */
export interface Times {
  cron: string
  timezone: string
}

type Reading = { pattern: Cron } | { fault: string }

const readings = new BoundedCache<string, Reading>(500)
const anyDay = new Date('2026-01-01T00:00:00Z')
const dayMs = 24 * 60 * 60 * 1000

/** @throws {DomainError} BAD_REQUEST for a pattern that cannot be read, never comes due, or comes due too often. */
export function checkTimes(times: Times): void {
  const reading = read(times)
  if ('fault' in reading) badInput([{ path: 'cron', message: reading.fault }])
}

/** The next times after a moment, in order; none where the pattern cannot be read. */
export function nextTimes(times: Times, after: Date, count: number): string[] {
  const reading = read(times)
  return 'fault' in reading ? [] : reading.pattern.nextRuns(count, after).map((time) => time.toISOString())
}

/** The newest times after one moment and up to another, in order, at most `most`. */
export function timesBetween(times: Times, after: Date, until: Date, most: number): string[] {
  const reading = read(times)
  if ('fault' in reading) return []
  const found: string[] = []
  const nextSecond = (Math.floor(until.getTime() / 1000) + 1) * 1000
  let [time] = reading.pattern.previousRuns(1, new Date(nextSecond))
  while (time && time > after && found.length < most) {
    found.push(time.toISOString())
    ;[time] = reading.pattern.previousRuns(1, time)
  }
  return found.toReversed()
}

function read(times: Times): Reading {
  const key = `${times.cron} ${times.timezone}`
  const reading = readings.get(key) ?? parse(times)
  readings.set(key, reading)
  return reading
}

function parse({ cron, timezone }: Times): Reading {
  try {
    const pattern = patternOf(cron, timezone)
    if (!pattern.nextRun(anyDay)) return { fault: 'never comes due; there is no such day' }
    if (isTooDense(cron)) return { fault: `must leave at least ${leastMinutesApart} minutes between two occurrences` }
    return { pattern }
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^\w+: /, '') : String(error)
    return { fault: `is not a time pattern such as "30 8 * * 1-5", half past eight from Monday to Friday (${reason})` }
  }
}

// Named times are meant as people read them on the wall: a clock that goes back does not repeat them, one that goes
// forward does not lose them. Steps ("every half hour") go on through both.
function patternOf(cron: string, timezone: string): Cron {
  return new Cron(cron, { timezone, mode: '5-part', fixedTimeRule: 'no-wildcard' })
}

// Looked at as if it came due on every day, on a clock that is never changed.
function isTooDense(cron: string): boolean {
  const [minute, hour] = cron.split(/ +/)
  const everyDay = patternOf(`${minute} ${hour} * * *`, 'UTC')
  let before = everyDay.nextRun(anyDay)
  while (before && before.getTime() - anyDay.getTime() < 2 * dayMs) {
    const next = everyDay.nextRun(before)
    if (next && next.getTime() - before.getTime() < leastMinutesApart * 60_000) return true
    before = next
  }
  return false
}
