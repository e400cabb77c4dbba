/** States of a run at the engine, in our words (ACTIVEPIECES.md, section 0, "states"). */
export type EngineStatus = 'queued' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled'

export type EngineFailure = 'step_failed' | 'timeout' | 'engine_error' | 'quota' | 'rejected'

export interface EngineStep {
  name: string
  status: 'running' | 'succeeded' | 'failed' | 'paused'
  durationMs: number | undefined
  errorMessage: string | undefined
  output: unknown
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
}

/** What a flow's webhook receives (ACTIVEPIECES.md, section 0, "payload"). */
export interface StartPayload {
  execution: { id: string; attempt: number }
  correlationId: string
  input: Record<string, unknown>
  files: { name: string; url: string }[]
}

/** `refused`: it will never run. `unreachable`: it certainly did not start. `unclear`: it may have started. */
export type StartOutcome = { kind: 'accepted' } | { kind: 'refused' | 'unreachable' | 'unclear'; reason: string }

/** The workflow engine as the use cases need it. */
export interface Engine {
  start(flowId: string, payload: StartPayload): Promise<StartOutcome>
  /** The run that carries this correlation id, among those of the flow created since; a missing one may still appear. */
  findRun(flowId: string, correlationId: string, since: string): Promise<string | undefined>
  /** Undefined when the engine knows no such run. Of a run that succeeded, the whole output of `resultStep` is fetched. */
  getRun(runId: string, resultStep: string): Promise<EngineRun | undefined>
  /** Asks to cancel; only queued and paused runs can be, so look afterwards. */
  cancel(runId: string): Promise<void>
  /** Whether a flow of this id is there and switched on. */
  isEnabled(flowId: string): Promise<boolean>
  /** Imports and publishes a flow, into the flow of that id when there is one. Gives its id. */
  publish(
    flow: { displayName: string; trigger: unknown; schemaVersion: string },
    flowId: string | undefined,
  ): Promise<string>
}

/** The engine could not be asked; nothing is known from it. */
export class EngineUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EngineUnavailable'
  }
}
