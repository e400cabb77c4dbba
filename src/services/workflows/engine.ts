/** States of a run at the engine, in our words (ACTIVEPIECES.md, section 0, "states"). */
export type EngineStatus = 'queued' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled'

export type EngineFailure = 'step_failed' | 'timeout' | 'engine_error' | 'quota' | 'rejected'

export interface EngineStep {
  name: string
  status: 'running' | 'succeeded' | 'failed' | 'paused'
  durationMs: number | undefined
  errorMessage: string | undefined
  input: unknown
  output: unknown
  /** Bytes of an output that the engine keeps apart, where `output` is only a link to it. */
  outputSize?: number
}

export interface EngineRun {
  id: string
  status: EngineStatus
  /** Set when `status` is failed. */
  failure: EngineFailure | undefined
  /** Set where the engine reported a state that we do not know; the run then counts as running. */
  unknownState: string | undefined
  /** In the order in which they ran. */
  steps: EngineStep[]
  failedStep: { name: string; title: string; message: string } | undefined
  /** When it came to its end, or when that was last changed where the engine names no such moment. */
  finishedAt: string | undefined
  /** Set when `status` is paused; a pause until a moment says which. */
  pausedStep: { name: string; resumesAt?: string } | undefined
  /** Waitpoints that the run's own outputs name, by step: whoever knows one can resume the run. */
  waitpoints: Record<string, string>
}

/** What a flow's webhook receives (ACTIVEPIECES.md, section 0, "payload"). */
export interface StartPayload {
  execution: { id: string; attempt: number }
  correlationId: string
  /** JSON, as it is kept: a large one is not read on its way. */
  input: string
  /** The files that the input names, each under the `property` that names it; its `url` opens it while the run goes on. */
  files: { property: string; id: string; name: string; type: string; size: number; url: string }[]
  callback: { url: string; token: string }
}

/** `refused`: it will never run. `unreachable`: it certainly did not start. `unclear`: it may have started. */
export type StartOutcome = { kind: 'accepted' } | { kind: 'refused' | 'unreachable' | 'unclear'; reason: string }

/** `gone`: the engine keeps the run no longer, or not long enough to take it up again. */
export type RetryOutcome = { kind: 'accepted' } | { kind: 'gone' | 'unreachable' | 'unclear'; reason: string }

/** `stale`: this pause has been answered before, or is over. */
export type ResumeOutcome = { kind: 'taken' | 'stale' } | { kind: 'unreachable' | 'unclear'; reason: string }

export interface PauseAnswer {
  action: 'approve' | 'disapprove' | undefined
  body: Record<string, unknown>
}

/** What an engine says of itself, and whether it takes our account. */
export interface EngineStatusReport {
  isHealthy: boolean
  /** Why it is of no use at the moment, in a sentence; undefined when all is well. */
  problem: string | undefined
  version: string | undefined
  edition: string | undefined
  limits: {
    flowSeconds: number | undefined
    /** Stays undefined where the engine does not tell it. */
    payloadMegabytes: number | undefined
    fileMegabytes: number | undefined
    retentionDays: number | undefined
  }
  isAccountAccepted: boolean
  projectId: string | undefined
  /** `open`: calls fail at once, because the last ones all failed; `half-open`: one call is tried. */
  breaker: 'closed' | 'open' | 'half-open'
}

/** The workflow engine as the use cases need it. */
export interface Engine {
  start(flowId: string, payload: StartPayload): Promise<StartOutcome>
  /** The run that carries this correlation id, among those of the flow created since; a missing one may still appear. */
  findRun(flowId: string, correlationId: string, since: string): Promise<string | undefined>
  /** Undefined when the engine knows no such run. Of a run that succeeded, the whole output of `resultStep` is fetched. */
  getRun(runId: string, resultStep: string): Promise<EngineRun | undefined>
  /** Takes a failed run up again at its failed step, under its own id. */
  retry(runId: string): Promise<RetryOutcome>
  /** Answers a pause; a waitpoint takes one answer, so that asking again is safe. */
  resume(runId: string, waitpointId: string, answer: PauseAnswer): Promise<ResumeOutcome>
  /** Asks to cancel; only queued and paused runs can be, so look afterwards. */
  cancel(runId: string): Promise<void>
  /** Whether a flow of this id is there and switched on. */
  isEnabled(flowId: string): Promise<boolean>
  /** Imports and publishes a flow, into the flow of that id when there is one. Gives its id. */
  publish(
    flow: { displayName: string; trigger: unknown; schemaVersion: string },
    flowId: string | undefined,
  ): Promise<string>
  /** Asks the engine about itself; an engine that does not answer is told as such, not thrown. */
  status(): Promise<EngineStatusReport>
}

/** The engines that runs are carried out by: the platform's, and those of companies that have their own. */
export interface Engines {
  /**
   * The engine of an integration, a removed one too; the platform's for null.
   * @throws {EngineRefused} when the account at it was forgotten
   */
  engineFor(integrationId: string | null): Promise<Engine>
  /**
   * The flow of a workflow at that engine, published there first where it is not yet as it is today.
   * @throws {EngineUnavailable} when it cannot be published at the moment, {EngineRefused} when it never can be
   */
  flowIdFor(integrationId: string | null, template: { id: string; platformFlowId: string }): Promise<string>
  /** The engine says that it has no such flow: it is published anew before the next start. The platform's are not. */
  forgetFlow(integrationId: string | null, templateId: string): Promise<void>
}

/** The engine could not be asked; nothing is known from it. */
export class EngineUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EngineUnavailable'
  }
}

/** The engine, or what it needs, is such that asking again changes nothing; the message says why. */
export class EngineRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EngineRefused'
  }
}
