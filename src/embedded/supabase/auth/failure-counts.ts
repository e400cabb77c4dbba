import { RecentMap } from './recent-map.ts'

/** Counts failures since the first of them, and forgets them all together after a while. */
export class FailureCounts {
  readonly #counts = new RecentMap<{ count: number; since: number }>()
  readonly #now: () => number
  readonly #perMs: number

  constructor(now: () => number, perSeconds: number) {
    this.#now = now
    this.#perMs = perSeconds * 1000
  }

  /** How many there are with this one. */
  add(key: string): number {
    const known = this.#current(key)
    const next = { count: known.count + 1, since: known.since }
    this.#counts.set(key, next)
    return next.count
  }

  takeBack(key: string): void {
    const known = this.#current(key)
    this.#counts.set(key, { count: Math.max(0, known.count - 1), since: known.since })
  }

  forgive(key: string): void {
    this.#counts.delete(key)
  }

  #current(key: string): { count: number; since: number } {
    const known = this.#counts.get(key)
    return known && this.#now() - known.since < this.#perMs ? known : { count: 0, since: this.#now() }
  }
}
