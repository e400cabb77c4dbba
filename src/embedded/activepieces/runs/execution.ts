import type { RunContext } from '../context.ts'
import type { Resolver } from '../expressions.ts'
import type { Action } from '../flows/definition.ts'
import type { FailedStep, Run } from '../store/runs.ts'
import type { Journal } from './journal.ts'
import type { Scope } from './scope.ts'

/** The request that resumed a paused run; a delay that ended brings an empty one. */
export interface ResumePayload {
  body: unknown
  headers: Record<string, unknown>
  queryParams: Record<string, unknown>
}

export type Outcome = { kind: 'next' } | { kind: 'paused' } | { kind: 'stopped' } | { kind: 'failed'; step: FailedStep }

export const next: Outcome = { kind: 'next' }

/** One leg of a run: from its start, or from where it was paused or interrupted, to its end or next pause. */
export interface Execution {
  readonly context: RunContext
  readonly run: Run
  readonly journal: Journal
  readonly signal: AbortSignal
  /** Steps done in this leg. */
  stepsCount: number
  /** Hands out what resumed the run, once. */
  takeResume(): ResumePayload | undefined
  chain(action: Action | null | undefined, scope: Scope): Promise<Outcome>
  resolver(scope: Scope): Resolver
}
