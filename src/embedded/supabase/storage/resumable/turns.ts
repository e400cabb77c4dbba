interface Turn {
  interruption: AbortController
  done: Promise<unknown>
}

/** Lets only one at a time work on an upload. Whoever comes last is the live one: the one before is broken off. */
export class Turns {
  readonly #current = new Map<string, Turn>()

  async take<T>(uploadId: string, work: (interrupted: AbortSignal) => Promise<T>): Promise<T> {
    const before = this.#current.get(uploadId)
    const interruption = new AbortController()
    const turn = { interruption, done: after(before, () => work(interruption.signal)) }
    this.#current.set(uploadId, turn)
    try {
      return await turn.done
    } finally {
      if (this.#current.get(uploadId) === turn) this.#current.delete(uploadId)
    }
  }
}

async function after<T>(before: Turn | undefined, work: () => Promise<T>): Promise<T> {
  before?.interruption.abort()
  await before?.done.catch(() => undefined)
  return await work()
}
