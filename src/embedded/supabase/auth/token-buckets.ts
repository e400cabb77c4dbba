import { RecentMap } from './recent-map.ts'
import type { RateLimit } from './settings.ts'

/** Counts requests against an allowance that fills up again with time. */
export class TokenBuckets {
  readonly #buckets = new RecentMap<{ left: number; at: number }>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Whether there was one left. */
  take(key: string, limit: RateLimit): boolean {
    const at = this.#now()
    const known = this.#buckets.get(key) ?? { left: limit.burst, at }
    const refilled = known.left + ((at - known.at) / 1000) * (limit.requests / limit.perSeconds)
    const left = Math.min(limit.burst, refilled)
    this.#buckets.set(key, { left: left >= 1 ? left - 1 : left, at })
    return left >= 1
  }
}
