import { setEngineRun } from '../../db/queries/attempts.ts'
import * as queries from '../../db/queries/work.ts'
import { answerPause } from './answers.ts'
import { continueRun, failAttempt } from './attempts.ts'
import { cancelRun } from './cancelling.ts'
import { sendAttempt } from './dispatch.ts'
import { type Engine, EngineRefused, type EngineRun, EngineUnavailable } from './engine.ts'
import { type Look, unreachableWaitMs } from './look.ts'
import { deadlineFor, recordProgress, tellOf, waitpointOf } from './progress.ts'
import { endingOf, endRun } from './settle.ts'
import { findRun, peekAtRun, showRun } from './sightings.ts'
import type { WorkerContext } from './worker-context.ts'

const longestRowWaitMs = 3000
/** A run that was sent is given up without a last look only when the engine stays away this long beyond its deadline. */
const longestSilenceMs = 24 * 60 * 60 * 1000

/** Follows one run for as long as it is under way; keeps between looks only what can be lost. */
export class Follower {
  readonly executionId: string
  readonly #ctx: WorkerContext
  #lastSeen = ''
  #failedSince: number | undefined
  #reachedSince: number | undefined
  #hasToldSilence = false
  #goneSince: number | undefined
  #answered: string | undefined
  #nextLookAt = ''

  constructor(ctx: WorkerContext, executionId: string) {
    this.#ctx = ctx
    this.executionId = executionId
  }

  /** The time of the next look as the last one found it in the database; it moves when somebody asks for a look. */
  get nextLookAt(): string {
    return this.#nextLookAt
  }

  async look(): Promise<Look> {
    const work = await this.#ctx.read((tx) => queries.findWork(tx, this.executionId))
    if (!work) return 'over'
    this.#nextLookAt = work.nextLookAt
    try {
      return await this.#step(work, await this.#ctx.engines.engineFor(work.integrationId))
    } catch (error) {
      if (error instanceof EngineRefused) return this.#giveUp(work, error)
      if (!(error instanceof EngineUnavailable)) throw error
      this.#ctx.log.warn({ executionId: work.id, reason: error.message }, 'the engine could not be asked')
      return this.#miss(work)
    }
  }

  async #step(work: queries.WorkItem, engine: Engine): Promise<Look> {
    if (work.cancelRequestedAt) return this.#cancel(work, engine)
    if (isSent(work)) return this.#watch(work, engine)
    return work.origin < work.attempt ? this.#continue(work, engine) : this.#send(work, engine)
  }

  async #send(work: queries.WorkItem, engine: Engine): Promise<Look> {
    const waitMs = Date.parse(work.notBefore ?? '') - this.#ctx.now()
    if (waitMs > 0) return { waitMs }
    const outcome = await sendAttempt(this.#ctx, engine, work)
    if (!outcome) return 'same'
    if (outcome.kind === 'refused') return 'over'
    if (outcome.kind === 'unreachable') return this.#miss(work)
    await this.#renewDeadline(work)
    return 'moved'
  }

  async #continue(work: queries.WorkItem, engine: Engine): Promise<Look> {
    const taken = await continueRun(this.#ctx, engine, work, work.engineRunId ?? '')
    if (taken === 'unreachable') return this.#miss(work)
    await this.#renewDeadline(work)
    return 'moved'
  }

  async #watch(work: queries.WorkItem, engine: Engine): Promise<Look> {
    if (work.result?.['status'] === 'succeeded') return this.#takeResult(work, await peekAtRun(this.#ctx, work, engine))
    const runId = work.engineRunId ?? (await this.#find(work, engine))
    const run = runId ? await engine.getRun(runId, work.resultStep) : undefined
    this.#reachedSince ??= this.#ctx.now()
    if (!runId) return this.#awaitRow(work)
    if (!run) return this.#awaitReturn(work)
    this.#goneSince = undefined
    if (isSameMoment(run.finishedAt, work.engineFinishedBefore)) return this.#awaitContinuation(work, engine)
    return this.#take(work, engine, run)
  }

  async #find(work: queries.WorkItem, engine: Engine): Promise<string | undefined> {
    const runId = await findRun(this.#ctx, work, engine)
    if (runId) await this.#ctx.transaction((tx) => setEngineRun(tx, work, runId))
    return runId
  }

  // A row may appear long after the call, also when the engine comes back from a failure of its own.
  async #awaitRow(work: queries.WorkItem): Promise<Look> {
    if (!this.#isOverdue(work)) return this.#soon
    const reason = 'The engine never showed a run of it.'
    return (await failAttempt(this.#ctx, work, { kind: 'lost', reason })) ? 'over' : 'moved'
  }

  // The engine still shows the end that the run had before it was taken up again.
  async #awaitContinuation(work: queries.WorkItem, engine: Engine): Promise<Look> {
    if (!this.#isOverdue(work)) return this.#soon
    this.#reachedSince = this.#ctx.now()
    return this.#continue(work, engine)
  }

  // Whoever waits for a row counts the time since the engine answers, and so keeps the run meanwhile.
  get #soon(): Look {
    return { waitMs: Math.min(longestRowWaitMs, this.#ctx.settings.rowWindowMs / 8) }
  }

  #isOverdue(work: queries.WorkItem): boolean {
    const since = Math.max(Date.parse(work.attemptStartedAt), this.#reachedSince ?? this.#ctx.now())
    return this.#ctx.now() - since > this.#ctx.settings.rowWindowMs
  }

  // The engine does not know the run any more. One that is paused has no deadline that would end it.
  async #awaitReturn(work: queries.WorkItem): Promise<Look> {
    if (work.status !== 'paused') return this.#endIfLate(work)
    this.#goneSince ??= this.#ctx.now()
    if (this.#ctx.now() - this.#goneSince < this.#ctx.settings.rowWindowMs) return this.#soon
    const reason = 'The engine no longer keeps this run, which was paused; start it again.'
    await endRun(this.#ctx, work, { status: 'failed', kind: 'lost', reason })
    return 'over'
  }

  // The flow's own word that it has succeeded: its result need not wait for the engine to say so, too.
  async #takeResult(work: queries.WorkItem, run: EngineRun | undefined): Promise<Look> {
    const ending = run && endingOf(work, run)
    await endRun(this.#ctx, work, ending ?? { status: 'succeeded', output: work.result?.['output'] }, run)
    return 'over'
  }

  async #take(work: queries.WorkItem, engine: Engine, run: EngineRun): Promise<Look> {
    const ending = endingOf(work, run)
    if (!ending) {
      this.#failedSince = undefined
      return this.#goOn(work, engine, run)
    }
    if (ending.status !== 'failed') {
      await endRun(this.#ctx, work, ending, run)
      return 'over'
    }
    if (ending.kind === 'engine_error' && this.#isFirstLook()) return { waitMs: this.#ctx.settings.secondLookMs }
    return (await failAttempt(this.#ctx, work, ending, run)) ? 'over' : 'moved'
  }

  // The engine may still go on with a run that it failed by an error of its own (ACTIVEPIECES.md, section 0, "states").
  #isFirstLook(): boolean {
    this.#failedSince ??= this.#ctx.now()
    return this.#ctx.now() - this.#failedSince < this.#ctx.settings.secondLookMs
  }

  async #goOn(work: queries.WorkItem, engine: Engine, run: EngineRun): Promise<Look> {
    if (run.status !== 'paused') return this.#note(work, run)
    // A step that takes no answer has the waitpoint of one before it.
    const pause = `${run.pausedStep?.name} ${waitpointOf(run)}`
    // The engine may show a pause for a while after it took the answer to it.
    if (pause === this.#answered) return this.#endIfLate(work)
    if (!work.answer) return this.#note(work, run)
    const outcome = await answerPause(this.#ctx, work, engine, run)
    if (outcome === 'unclear') return 'same'
    if (outcome === 'taken') this.#answered = pause
    this.#lastSeen = ''
    return 'moved'
  }

  async #note(work: queries.WorkItem, run: EngineRun): Promise<Look> {
    const steps = run.steps.map((step) => `${step.name}:${step.status}`)
    const seen = `${work.attempt} ${run.status} ${run.unknownState ?? ''} ${steps.join(' ')}`
    if (seen === this.#lastSeen) return this.#endIfLate(work)
    if (run.unknownState) await this.#tellUnknown(work, run.unknownState)
    await recordProgress(this.#ctx, work, run)
    this.#lastSeen = seen
    return 'moved'
  }

  async #tellUnknown(work: queries.WorkItem, state: string): Promise<void> {
    this.#ctx.log.warn({ executionId: work.id, state }, 'unknown engine state, counted as running')
    if (this.#lastSeen.includes(` ${state} `)) return
    const message = `The engine reports the state "${state}", which is not known here; the run counts as running.`
    await tellOf(this.#ctx, work, message, { state })
  }

  async #cancel(work: queries.WorkItem, engine: Engine): Promise<Look> {
    const show = () => (isSent(work) ? showRun(this.#ctx, work, engine) : Promise.resolve(undefined))
    return cancelRun(this.#ctx, work, engine, show)
  }

  async #renewDeadline(work: queries.WorkItem): Promise<void> {
    const deadlineAt = deadlineFor(this.#ctx, work)
    if (work.deadlineAt && Date.parse(deadlineAt) - Date.parse(work.deadlineAt) < 30_000) return
    await this.#ctx.transaction((tx) => queries.updateWork(tx, work.id, { deadlineAt }))
  }

  // Without an answer nothing is known: a run that was sent is not given up before the engine was asked once more.
  async #miss(work: queries.WorkItem): Promise<Look> {
    this.#reachedSince = undefined
    if (!this.#hasToldSilence) {
      this.#hasToldSilence = true
      await tellOf(this.#ctx, work, 'The workflow engine cannot be reached at the moment; the run goes on once it can.')
    }
    const late = work.deadlineAt ? this.#ctx.now() - Date.parse(work.deadlineAt) : 0
    return isSent(work) && late > longestSilenceMs ? this.#endIfLate(work) : { waitMs: unreachableWaitMs }
  }

  async #giveUp(work: queries.WorkItem, { message }: EngineRefused): Promise<Look> {
    await endRun(this.#ctx, work, { status: 'failed', kind: 'rejected', reason: message })
    return 'over'
  }

  async #endIfLate(work: queries.WorkItem): Promise<Look> {
    if (!work.deadlineAt || this.#ctx.now() < Date.parse(work.deadlineAt)) return 'same'
    const reason = 'The engine gave no result within the time allowed; start the run again.'
    await endRun(this.#ctx, work, { status: 'failed', kind: 'lost', reason })
    return 'over'
  }
}

/** Whether the attempt may have gone out to the engine. */
function isSent(work: queries.WorkItem): boolean {
  return work.origin < work.attempt ? work.engineFinishedBefore !== null : work.notBefore === null
}

function isSameMoment(a: string | undefined, b: string | null): boolean {
  return a !== undefined && b !== null && Date.parse(a) === Date.parse(b)
}
