import { setEngineRun } from '../../db/queries/attempts.ts'
import * as queries from '../../db/queries/work.ts'
import { correlationId, retryLostStart, sendAttempt } from './dispatch.ts'
import { type EngineRun, EngineUnavailable } from './engine.ts'
import { cancelRun, failRun, recordProgress, settleRun } from './settle.ts'
import type { WorkerContext } from './worker-context.ts'

/** What the last look at a run found: over, something new, or nothing new (look again, a little later each time). */
export type Look = 'over' | 'moved' | 'same'

/** Follows one run for as long as it is under way; keeps between looks only what can be lost. */
export class Follower {
  readonly executionId: string
  readonly #ctx: WorkerContext
  #isSent = false
  #lastSeen = ''

  constructor(ctx: WorkerContext, executionId: string, isNew: boolean) {
    this.#ctx = ctx
    this.executionId = executionId
    // After a restart it is not known whether the attempt went out: it is looked for, not sent again.
    this.#isSent = !isNew
  }

  async look(): Promise<Look> {
    const work = await this.#ctx.read((tx) => queries.findWork(tx, this.executionId))
    if (!work) return 'over'
    try {
      return await this.#step(work)
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) throw error
      this.#ctx.log.warn({ executionId: work.id, err: error }, 'the engine could not be asked')
      return this.#endIfLate(work)
    }
  }

  async #step(work: queries.WorkItem): Promise<Look> {
    if (work.isCancelRequested) return this.#cancel(work)
    if (!this.#isSent) return this.#send(work)
    const runId = work.engineRunId ?? (await this.#find(work))
    if (!runId) return this.#wait(work)
    const run = await this.#ctx.engine.getRun(runId, work.resultStep)
    return run ? this.#take(work, run) : this.#endIfLate(work)
  }

  async #send(work: queries.WorkItem): Promise<Look> {
    const kind = await sendAttempt(this.#ctx, work)
    if (kind === 'refused') return 'over'
    if (kind === 'unreachable') return this.#endIfLate(work)
    this.#isSent = true
    return 'moved'
  }

  async #find(work: queries.WorkItem): Promise<string | undefined> {
    const runId = await this.#ctx.engine.findRun(work.flowId, correlationId(work), work.attemptStartedAt)
    if (runId) await this.#ctx.transaction((tx) => setEngineRun(tx, work, runId))
    return runId
  }

  async #wait(work: queries.WorkItem): Promise<Look> {
    const isOverdue = this.#ctx.now() - Date.parse(work.attemptStartedAt) > this.#ctx.rowWindowMs
    if (!isOverdue) return 'same'
    if (work.attempt > 3) return this.#endIfLate({ ...work, deadlineAt: work.attemptStartedAt })
    this.#isSent = !(await retryLostStart(this.#ctx, work))
    return 'moved'
  }

  async #take(work: queries.WorkItem, run: EngineRun): Promise<Look> {
    if (run.unknownState)
      this.#ctx.log.warn({ executionId: work.id, state: run.unknownState }, 'unknown engine state, counted as running')
    const isOver = run.status === 'succeeded' || run.status === 'failed' || run.status === 'cancelled'
    if (isOver) {
      await settleRun(this.#ctx, work, run)
      return 'over'
    }
    const seen = `${run.status} ${run.steps.map((step) => `${step.name}:${step.status}`).join(' ')}`
    if (seen === this.#lastSeen) return this.#endIfLate(work)
    await recordProgress(this.#ctx, work, run)
    this.#lastSeen = seen
    return 'moved'
  }

  // The engine cancels only what is queued or paused; a run that it goes on with is not waited for.
  async #cancel(work: queries.WorkItem): Promise<Look> {
    const runId = this.#isSent ? (work.engineRunId ?? (await this.#find(work))) : undefined
    if (runId) await this.#ctx.engine.cancel(runId)
    await cancelRun(this.#ctx, work)
    return 'over'
  }

  async #endIfLate(work: queries.WorkItem): Promise<Look> {
    if (!work.deadlineAt || this.#ctx.now() < Date.parse(work.deadlineAt)) return 'same'
    await failRun(this.#ctx, work, 'lost', 'The engine gave no result within the time allowed; start the run again.')
    return 'over'
  }
}
