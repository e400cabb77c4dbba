import type { RunContext } from '../context.ts'
import type { Resolver } from '../expressions.ts'
import type { Action, Trigger } from '../flows/definition.ts'
import type { Run } from '../store/runs.ts'
import { runCodeStep } from './code-step.ts'
import { computeExpression } from './computing.ts'
import { type Execution, next, type Outcome, type ResumePayload } from './execution.ts'
import { Journal } from './journal.ts'
import { runLoopStep } from './loop-step.ts'
import { runPieceStep } from './piece-step.ts'
import { runRouterStep } from './router-step.ts'
import { Scope } from './scope.ts'

interface LegSignals {
  /** Kills the step that runs. */
  signal: AbortSignal
  /** Keeps the next step from starting. */
  stopping: AbortSignal
}

/** Walks a flow from its trigger; steps that are on record as finished are passed by with the outputs they had. */
export class Leg implements Execution {
  readonly context: RunContext
  readonly run: Run
  readonly journal: Journal
  readonly signal: AbortSignal
  stepsCount = 0
  readonly #stopping: AbortSignal
  #resume: ResumePayload | undefined

  constructor(context: RunContext, run: Run, signals: LegSignals, resume: ResumePayload | undefined) {
    this.context = context
    this.run = run
    this.signal = signals.signal
    this.#stopping = signals.stopping
    this.journal = new Journal(context.database, context.settings.limits, run)
    this.#resume = resume
  }

  walk(trigger: Trigger): Promise<Outcome> {
    const scope = new Scope()
    const record = this.journal.find('', trigger.name)
    const output = record === undefined ? undefined : this.journal.outputOf(record)
    scope.set(trigger.name, { type: trigger.type, status: 'SUCCEEDED', output })
    return this.chain(trigger.nextAction, scope)
  }

  async chain(first: Action | null | undefined, scope: Scope): Promise<Outcome> {
    for (let action = first; action !== null && action !== undefined; action = action.nextAction) {
      this.signal.throwIfAborted()
      this.#stopping.throwIfAborted()
      if (action.skip === true) continue
      const outcome = this.#earlierOutcome(action, scope) ?? (await this.#runAction(action, scope))
      if (outcome.kind !== 'next') return outcome
    }
    return next
  }

  takeResume(): ResumePayload | undefined {
    const resume = this.#resume
    this.#resume = undefined
    return resume
  }

  resolver(scope: Scope): Resolver {
    return {
      lookup: (name) => scope.lookup(name),
      compute: (expression) => computeExpression(this, scope, expression),
    }
  }

  /** How the step ended in an earlier leg; a failure that ends the run does not count, it is tried again. */
  #earlierOutcome(action: Action, scope: Scope): Outcome | undefined {
    if (action.type === 'ROUTER' || action.type === 'LOOP_ON_ITEMS') return undefined
    const record = this.journal.find(scope.prefix, action.name)
    if (record?.status === 'STOPPED') return { kind: 'stopped' }
    const isContinued = action.settings.errorHandlingOptions?.continueOnFailure?.value === true
    if (record?.status !== 'SUCCEEDED' && !(record?.status === 'FAILED' && isContinued)) return undefined
    const errorMessage = record.errorMessage === null ? {} : { errorMessage: record.errorMessage }
    const output = this.journal.outputOf(record)
    scope.set(action.name, { type: action.type, status: record.status, output, ...errorMessage })
    return next
  }

  #runAction(action: Action, scope: Scope): Promise<Outcome> {
    switch (action.type) {
      case 'CODE':
        return runCodeStep(this, action, scope)
      case 'PIECE':
        return runPieceStep(this, action, scope)
      case 'LOOP_ON_ITEMS':
        return runLoopStep(this, action, scope)
      case 'ROUTER':
        return runRouterStep(this, action, scope)
    }
  }
}
