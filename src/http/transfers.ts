import type { FastifyInstance, FastifyRequest } from 'fastify'
import { DomainError } from '../errors.ts'
import { allowMoreTime } from './late-requests.ts'

export interface TransferSettings {
  /** How long a client may send nothing. */
  uploadIdleMs: number
  /** How long a client may take nothing. */
  downloadIdleMs: number
}

/** No upload takes longer: by then its place is given up anyway. */
const longestMs = 2 * 60 * 60 * 1000
const patienceMs = 10_000

/** Uploads under way. Each ends when its client is gone, stands still or takes too long, and before the server does. */
export class Transfers {
  readonly #running = new Map<AbortController, Promise<unknown>>()
  readonly #idleMs: number

  constructor(app: FastifyInstance, { uploadIdleMs }: Pick<TransferSettings, 'uploadIdleMs'>) {
    this.#idleMs = uploadIdleMs
    app.addHook('preClose', () => this.#end())
    endLateBodies(app)
  }

  /** Runs `work`, whose signal is aborted with the reason when the transfer has to end. */
  async run<T>(request: FastifyRequest, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const ending = new AbortController()
    const stop = this.#watch(request, (reason) => ending.abort(reason))
    const running = work(ending.signal)
    this.#running.set(ending, running)
    try {
      return await running
    } finally {
      stop()
      this.#running.delete(ending)
    }
  }

  #watch({ raw }: FastifyRequest, end: (reason: DomainError) => void): () => void {
    const { socket } = raw
    const forgo = allowMoreTime(socket)
    let seen = socket.bytesRead
    const look = () => {
      const isStill = socket.bytesRead === seen && !raw.isPaused() && !raw.complete
      seen = socket.bytesRead
      if (isStill) end(broken(`Nothing came for ${this.#idleMs / 1000} seconds, so the upload was given up`))
    }
    const idle = setInterval(look, this.#idleMs).unref()
    const late = setTimeout(
      () => end(broken('An upload may take two hours, and this one took longer')),
      longestMs,
    ).unref()
    const gone = () => {
      if (!raw.complete) end(broken('The upload ended before its file did'))
    }
    raw.once('close', gone)
    return () => {
      forgo()
      clearInterval(idle)
      clearTimeout(late)
      raw.off('close', gone)
    }
  }

  async #end(): Promise<void> {
    const reason = new DomainError('UNAVAILABLE', 'The server is being restarted; send the file again shortly.')
    for (const ending of this.#running.keys()) ending.abort(reason)
    await Promise.allSettled(this.#running.values())
  }
}

/** @returns what refuses an upload whose bytes did not come as they should. */
export function broken(what: string): DomainError {
  return new DomainError('BAD_REQUEST', `${what}; send it again.`)
}

/** Waits for `work` until the signal aborts, then fails with its reason. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

// A client that was refused may still be sending: what comes is thrown away for a while, so that it can read the answer.
function endLateBodies(app: FastifyInstance): void {
  app.addHook('onResponse', async ({ raw }) => {
    if (raw.complete || raw.destroyed) return
    raw.unpipe()
    raw.resume()
    const patience = setTimeout(() => raw.destroy(), patienceMs).unref()
    raw.once('close', () => clearTimeout(patience))
  })
}
