import type { RunContext } from '../context.ts'
import { newId } from '../ids.ts'
import { timestamp } from '../settings.ts'
import { claimRun, type Run, requeueInterrupted } from '../store/runs.ts'
import { findNextDueTime, listDueWaitpoints } from '../store/waitpoints.ts'
import { executeRun } from './executor.ts'
import { EngineClosing } from './faults.ts'
import { takeDeliveries } from './intake.ts'
import { resumeRun } from './resuming.ts'

const longestTimerMs = 3_600_000

/** Gives waiting work to the free workers: accepted calls, queued runs, and pauses whose time has come. */
export class Dispatcher {
  readonly #context: RunContext
  readonly #stopping = new AbortController()
  readonly #closing = new AbortController()
  readonly #active = new Set<Promise<void>>()
  #pending: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(context: RunContext) {
    this.#context = context
  }

  start(): void {
    requeueInterrupted(this.#context.database)
    this.wake()
  }

  /** Looks for work soon, after the reply that is being written. */
  wake(): void {
    if (this.#stopping.signal.aborted || this.#context.settings.workers === 0) return
    this.#pending ??= setImmediate(() => {
      this.#pending = undefined
      try {
        this.#dispatch()
      } catch (error) {
        this.#context.log.error({ err: error }, 'waiting work could not be taken up')
      }
    })
  }

  /** Starts nothing more, waits a little for the steps that are running, and leaves the rest for the next start. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort(new EngineClosing())
    clearTimeout(this.#timer)
    if (this.#pending !== undefined) clearImmediate(this.#pending)
    const grace = setTimeout(() => this.#closing.abort(new EngineClosing()), this.#active.size === 0 ? 0 : graceMs)
    await Promise.all(this.#active)
    clearTimeout(grace)
  }

  #dispatch(): void {
    const { database, settings } = this.#context
    for (const waitpoint of listDueWaitpoints(database, settings.now())) {
      resumeRun(this.#context, waitpoint.runId, waitpoint.id, { body: {}, headers: {}, queryParams: {} })
    }
    if (takeDeliveries(this.#context)) this.wake()
    while (this.#active.size < settings.workers) {
      const run = claimRun(database, newId(), timestamp(settings))
      if (run === undefined) break
      this.#execute(run)
    }
    this.#setTimer()
  }

  #execute(run: Run): void {
    const shutdown = { stopping: this.#stopping.signal, closing: this.#closing.signal }
    const work = executeRun(this.#context, run, shutdown)
      .catch((error: unknown) => this.#context.log.error({ err: error, runId: run.id }, 'a run could not be recorded'))
      .finally(() => {
        this.#active.delete(work)
        this.wake()
      })
    this.#active.add(work)
  }

  #setTimer(): void {
    clearTimeout(this.#timer)
    const dueAt = findNextDueTime(this.#context.database)
    if (dueAt === undefined || this.#stopping.signal.aborted) return
    const ms = Math.min(Math.max(0, dueAt - this.#context.settings.now()), longestTimerMs)
    this.#timer = setTimeout(() => this.wake(), ms)
  }
}
