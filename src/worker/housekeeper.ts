import { setTimeout as delay } from 'node:timers/promises'
import type { WorkerContext } from '../services/workflows/worker-context.ts'
import type { Chore } from './chores.ts'

/** Does the chores, each in a loop of its own, until it is stopped. A chore that fails is tried again at its next turn. */
export class Housekeeper {
  readonly #ctx: WorkerContext
  readonly #chores: Chore[]
  readonly #stopped = new AbortController()
  #woken = new AbortController()

  constructor(ctx: WorkerContext, chores: Chore[]) {
    this.#ctx = ctx
    this.#chores = chores
  }

  wake(): void {
    const woken = this.#woken
    this.#woken = new AbortController()
    woken.abort()
  }

  stop(): void {
    this.#stopped.abort()
  }

  async run(): Promise<void> {
    await Promise.all(this.#chores.map((chore) => this.#repeat(chore)))
  }

  async #repeat(chore: Chore): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      // Taken before the work: a wake-up during it must not get lost.
      const woken = this.#woken.signal
      if (await this.#attempt(chore)) continue
      const signals = chore.isPatient ? [this.#stopped.signal] : [this.#stopped.signal, woken]
      await delay(chore.everyMs, undefined, { signal: AbortSignal.any(signals) }).catch(() => undefined)
    }
  }

  async #attempt(chore: Chore): Promise<boolean> {
    try {
      return await chore.work(this.#ctx)
    } catch (error) {
      this.#ctx.log.warn({ err: error, chore: chore.name }, 'a chore of the worker failed and is tried again')
      return false
    }
  }
}
