/** Uploads and downloads that are under way, so that the server can end them in good order. */
export class Transfers {
  readonly #ending = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  /** Aborted when the server is about to end. */
  get ending(): AbortSignal {
    return this.#ending.signal
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const running = work()
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /** Breaks off what is under way, and waits until it has cleaned up behind itself. */
  async end(): Promise<void> {
    this.#ending.abort()
    await Promise.allSettled(this.#running)
  }
}
