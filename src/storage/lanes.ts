import { DomainError } from '../errors.ts'

/** Somebody on whose account a stream goes, and how many of theirs may be under way at once. */
export interface Account {
  name: string
  most: number
}

interface Waiting {
  accounts: readonly Account[]
  go(): void
}

interface Limits {
  atOnce: number
  mostWaiting: number
  waitMs: number
}

/**
 * Lets so many streams be under way at once, and so many of each account, so that nobody who is slow takes all. The others wait in
 * line, those first for whom there is room, and are refused when none comes in time.
 */
export class Lanes {
  readonly #limits: Limits
  readonly #taken = new Map<string, number>()
  readonly #waiting = new Set<Waiting>()
  #running = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** @returns ends the stream's stay; more than once does no harm. @throws {DomainError} UNAVAILABLE */
  async enter(accounts: readonly Account[]): Promise<() => void> {
    if (this.#hasRoom(accounts)) this.#take(accounts, 1)
    else await this.#waitFor(accounts)
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      this.#take(accounts, -1)
      this.#callNext()
    }
  }

  #hasRoom(accounts: readonly Account[]): boolean {
    if (this.#running >= this.#limits.atOnce) return false
    return accounts.every(({ name, most }) => (this.#taken.get(name) ?? 0) < most)
  }

  #take(accounts: readonly Account[], change: 1 | -1): void {
    this.#running += change
    for (const { name } of accounts) {
      const taken = (this.#taken.get(name) ?? 0) + change
      if (taken === 0) this.#taken.delete(name)
      else this.#taken.set(name, taken)
    }
  }

  async #waitFor(accounts: readonly Account[]): Promise<void> {
    const { mostWaiting, waitMs } = this.#limits
    if (this.#waiting.size >= mostWaiting) busy()
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const waiting: Waiting = { accounts, go: () => resolve(true) }
    const patience = setTimeout(() => {
      this.#waiting.delete(waiting)
      resolve(false)
    }, waitMs)
    this.#waiting.add(waiting)
    const isLetIn = await promise
    clearTimeout(patience)
    if (!isLetIn) busy()
  }

  // The place is taken at once, so that nobody who comes in between gets it.
  #callNext(): void {
    for (const waiting of this.#waiting) {
      if (!this.#hasRoom(waiting.accounts)) continue
      this.#waiting.delete(waiting)
      this.#take(waiting.accounts, 1)
      waiting.go()
      return
    }
  }
}

function busy(): never {
  throw new DomainError('UNAVAILABLE', 'File transfers are busy; try again in a moment.')
}
