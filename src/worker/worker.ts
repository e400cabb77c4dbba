import { setTimeout as delay } from 'node:timers/promises'
import { type Database, openDatabase } from '../db/client.ts'
import { type Listening, listen } from '../db/notifications.ts'
import { listRunsUnderWay } from '../db/queries/work.ts'
import { claimNext } from '../services/workflows/dispatch.ts'
import type { Engine } from '../services/workflows/engine.ts'
import { Follower } from '../services/workflows/follow.ts'
import type { WorkerContext } from '../services/workflows/worker-context.ts'
import { chores } from './chores.ts'
import { Housekeeper } from './housekeeper.ts'

export interface WorkerOptions {
  databaseUrl: string
  engine: Engine
  log: WorkerContext['log']
  /** Runs that this worker follows at once. */
  maxRuns?: number
  rowWindowMs?: number
  now?(): number
}

export interface Worker {
  close(): Promise<void>
}

const idleLookMs = 5000
const quickestLookMs = 80
const slowestLookMs = 5000

/** Dispatches pending runs and follows those under way until it is closed; a restart picks up where it stopped. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { log, engine, now = Date.now, rowWindowMs = 150_000 } = options
  const onError = (error: Error) => log.warn({ reason: error.message }, 'a database connection of the worker ended')
  const database: Database = openDatabase({ url: options.databaseUrl, maxConnections: 6, onConnectionError: onError })
  const ctx: WorkerContext = {
    engine,
    log,
    now,
    rowWindowMs,
    read: database.own.read,
    transaction: database.own.transaction,
  }
  const loop = new Loop(ctx, options.maxRuns ?? 200)
  const housekeeper = new Housekeeper(ctx, chores)
  const wake = (executionId?: string) => {
    loop.wake(executionId)
    housekeeper.wake()
  }
  const listening: Listening = await listen({
    url: options.databaseUrl,
    channels: ['studios_worker'],
    onNotice: (_, executionId) => wake(executionId),
    onGap: () => wake(),
    onError,
  })
  const running = Promise.all([loop.run(), housekeeper.run()])
  return {
    close: async () => {
      loop.stop()
      housekeeper.stop()
      await listening.close()
      await running
      await database.close()
    },
  }
}

class Loop {
  readonly #ctx: WorkerContext
  readonly #maxRuns: number
  readonly #followed = new Map<string, { done: Promise<void>; wake: AbortController }>()
  readonly #stopped = new AbortController()
  #idle = new AbortController()

  constructor(ctx: WorkerContext, maxRuns: number) {
    this.#ctx = ctx
    this.#maxRuns = maxRuns
  }

  wake(executionId?: string): void {
    this.#idle.abort()
    if (executionId) this.#followed.get(executionId)?.wake.abort()
  }

  stop(): void {
    this.#stopped.abort()
    this.#idle.abort()
    for (const { wake } of this.#followed.values()) wake.abort()
  }

  async run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#idle = new AbortController()
      try {
        await this.#pickUp()
        await this.#dispatch()
      } catch (error) {
        this.#ctx.log.warn({ err: error }, 'the worker could not look for work and tries again')
      }
      await sleep(idleLookMs, AbortSignal.any([this.#idle.signal, this.#stopped.signal]))
    }
    await Promise.all([...this.#followed.values()].map(({ done }) => done))
  }

  async #dispatch(): Promise<void> {
    while (!this.#stopped.signal.aborted && this.#followed.size < this.#maxRuns) {
      const executionId = await claimNext(this.#ctx)
      if (!executionId) return
      this.#follow(new Follower(this.#ctx, executionId, true))
    }
  }

  // Runs that were under way when a worker stopped, this one or another.
  async #pickUp(): Promise<void> {
    for (const id of await this.#ctx.read(listRunsUnderWay)) {
      if (!this.#followed.has(id)) this.#follow(new Follower(this.#ctx, id, false))
    }
  }

  #follow(follower: Follower): void {
    const entry = { wake: new AbortController(), done: Promise.resolve() }
    this.#followed.set(follower.executionId, entry)
    entry.done = this.#untilOver(follower, entry).finally(() => {
      this.#followed.delete(follower.executionId)
      this.wake()
    })
  }

  async #untilOver(follower: Follower, entry: { wake: AbortController }): Promise<void> {
    let waitMs = quickestLookMs
    while (!this.#stopped.signal.aborted) {
      // Made before the look: a wake-up during it must not get lost.
      entry.wake = new AbortController()
      const look = await follower.look().catch((error: unknown) => {
        this.#ctx.log.warn(
          { err: error, executionId: follower.executionId },
          'a look at the run failed and is repeated',
        )
        return 'same' as const
      })
      if (look === 'over') return
      waitMs = look === 'moved' ? quickestLookMs : Math.min(waitMs * 1.5, slowestLookMs)
      await sleep(waitMs * (0.8 + 0.4 * Math.random()), AbortSignal.any([entry.wake.signal, this.#stopped.signal]))
    }
  }
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}
