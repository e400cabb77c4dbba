import { setTimeout as delay } from 'node:timers/promises'
import { claimRuns } from '../db/queries/claims.ts'
import { leaseDueRuns, parkRun, renewLeases } from '../db/queries/follows.ts'
import { Follower } from '../services/workflows/follow.ts'
import type { Look } from '../services/workflows/look.ts'
import type { WorkerContext } from '../services/workflows/worker-context.ts'

const idleLookMs = 2000
const quickestLookMs = 500
/** A run that needs no look for this long is left to whichever worker is free then. */
const longestFollowedWaitMs = 5000
const slowestLookMs = 120_000
const largestClaim = 50

interface Followed {
  follower: Follower
  since: number
  isLost: boolean
  done: Promise<void>
  wake: AbortController
}

/** The runs that one worker follows: taken from those that wait, or from those that are due for a look and that nobody follows. */
export class Runs {
  readonly #ctx: WorkerContext
  readonly #most: number
  readonly #followed = new Map<string, Followed>()
  #strays = new Set<string>()
  readonly #stopped = new AbortController()
  #idle = new AbortController()
  #renewal = new AbortController()
  #leasedUntil: number
  #dueAt = 0

  constructor(ctx: WorkerContext, most: number) {
    this.#ctx = ctx
    this.#most = most
    this.#leasedUntil = ctx.now() + ctx.settings.leaseMs
  }

  wake(executionId?: string): void {
    const followed = executionId ? this.#followed.get(executionId) : undefined
    if (followed) followed.wake.abort()
    else this.#idle.abort()
  }

  stop(): void {
    this.#stopped.abort()
    for (const { wake } of this.#followed.values()) wake.abort()
  }

  /** Without its sign of life this worker passes for dead: others may take its runs, and it must not act on them. */
  pause(): void {
    this.#leasedUntil = 0
  }

  /** The sign is there again; which runs are still its own shows when their leases are renewed. */
  resume(): void {
    this.#renewal.abort()
  }

  async run(): Promise<void> {
    const renewing = this.#renew()
    while (!this.#stopped.signal.aborted) {
      // Made before the look: a wake-up during it must not get lost.
      this.#idle = new AbortController()
      try {
        const taken = await this.#takeWaiting()
        if (taken === 0 || this.#ctx.now() - this.#dueAt > idleLookMs) await this.#takeDue()
      } catch (error) {
        this.#ctx.log.warn({ err: error }, 'the worker could not look for work and tries again')
      }
      await sleep(idleLookMs, AbortSignal.any([this.#idle.signal, this.#stopped.signal]))
    }
    await Promise.all([...this.#followed.values()].map(({ done }) => done))
    await renewing
  }

  async #takeWaiting(): Promise<number> {
    let taken = 0
    while (!this.#stopped.signal.aborted && this.#free > 0) {
      const most = Math.min(this.#free, largestClaim)
      const { workerId, settings } = this.#ctx
      const claimed = await this.#ctx.write((tx) => claimRuns(tx, workerId, { most, ...settings }))
      for (const id of claimed) if (!this.#followed.has(id)) this.#follow(new Follower(this.#ctx, id))
      taken += claimed.length
      if (claimed.length < most) break
    }
    return taken
  }

  async #takeDue(): Promise<void> {
    if (this.#stopped.signal.aborted || this.#free <= 0) return
    this.#dueAt = this.#ctx.now()
    const { workerId, settings } = this.#ctx
    const due = await this.#ctx.write((tx) => leaseDueRuns(tx, workerId, settings.leaseMs, this.#free))
    for (const { id, looks } of due) {
      const waitMs = looks === 0 ? quickestLookMs : Math.min(longestFollowedWaitMs * 1.6 ** (looks - 1), slowestLookMs)
      if (!this.#followed.has(id)) this.#follow(new Follower(this.#ctx, id), waitMs)
    }
  }

  get #free(): number {
    return this.#most - this.#followed.size
  }

  // Whoever cannot renew in time has lost its runs to another worker and must not act on them any more.
  async #renew(): Promise<void> {
    const { workerId, settings, now } = this.#ctx
    while (!this.#stopped.signal.aborted) {
      this.#renewal = new AbortController()
      const askedAt = now()
      try {
        const kept = new Set(await this.#ctx.write((tx) => renewLeases(tx, workerId, settings.leaseMs)))
        this.#leasedUntil = askedAt + settings.leaseMs
        this.#dropLost(kept, askedAt)
        this.#followStrays(kept)
      } catch (error) {
        this.#ctx.log.warn({ err: error }, 'the worker could not renew the leases of its runs')
      }
      await sleep(settings.leaseMs / 3, AbortSignal.any([this.#renewal.signal, this.#stopped.signal]))
    }
  }

  // Runs that ended meanwhile are not leased any more either: following them comes to its end by itself.
  #dropLost(kept: Set<string>, askedAt: number): void {
    for (const [id, followed] of this.#followed) {
      if (kept.has(id) || followed.since >= askedAt) continue
      followed.isLost = true
      followed.wake.abort()
    }
  }

  // A run whose lease is this worker's, and stays so, though it never heard of it: the answer to its claim got lost.
  #followStrays(kept: Set<string>): void {
    const strays = new Set([...kept].filter((id) => !this.#followed.has(id)))
    for (const id of strays) if (this.#strays.has(id)) this.#follow(new Follower(this.#ctx, id))
    this.#strays = strays
  }

  #follow(follower: Follower, waitMs = quickestLookMs): void {
    const followed = {
      follower,
      since: this.#ctx.now(),
      isLost: false,
      wake: new AbortController(),
      done: Promise.resolve(),
    }
    this.#followed.set(follower.executionId, followed)
    followed.done = this.#untilOver(followed, waitMs).finally(() => {
      this.#followed.delete(follower.executionId)
      this.#idle.abort()
    })
  }

  async #untilOver(followed: Followed, firstWaitMs: number): Promise<void> {
    let waitMs = firstWaitMs
    while (!this.#stopped.signal.aborted && !followed.isLost) {
      // Made before the look: a wake-up during it must not get lost.
      followed.wake = new AbortController()
      const look = this.#mayAct ? await this.#look(followed) : 'same'
      if (look === 'over') return
      waitMs = nextWait(look, waitMs)
      const rest = waitMs * (0.8 + 0.4 * Math.random())
      if (typeof look === 'string' && waitMs >= longestFollowedWaitMs && (await this.#park(followed, rest))) return
      await sleep(rest, AbortSignal.any([followed.wake.signal, this.#stopped.signal]))
    }
  }

  /** A call to the engine has to be over before the lease is. */
  get #mayAct(): boolean {
    const { settings, now } = this.#ctx
    return now() < this.#leasedUntil - settings.leaseMs / 3
  }

  #look({ follower }: Followed): Promise<Look> {
    return follower.look().catch((error: unknown) => {
      const { executionId } = follower
      this.#ctx.log.warn({ err: error, executionId }, 'a look at the run failed and is repeated')
      return 'same' as const
    })
  }

  async #park({ follower }: Followed, waitMs: number): Promise<boolean> {
    const lease = { workerId: this.#ctx.workerId, executionId: follower.executionId }
    const parking = this.#ctx.write((tx) => parkRun(tx, lease, waitMs, follower.nextLookAt))
    return parking.catch(() => false)
  }
}

function nextWait(look: Exclude<Look, 'over'>, before: number): number {
  if (look === 'moved') return quickestLookMs
  return look === 'same' ? Math.min(before * 1.6, slowestLookMs) : look.waitMs
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined)
}
