import type { RunStatus } from '../store/runs.ts'

const shownMessage = 700

/** Ends a run in a state of its own, whatever the step's failure options say. */
export class RunAborted extends Error {
  readonly status: RunStatus

  constructor(status: RunStatus, message: string) {
    super(message)
    this.status = status
  }
}

/** The run's time is up. */
export class FlowTimeout extends Error {}

/** The engine is closing; the run goes on when it starts again. */
export class EngineClosing extends Error {}

/** A failure of the flow's own making: message for people, and the trace it came from. */
export class StepFailure extends Error {
  readonly raw: string

  constructor(message: string, raw = message) {
    super(message)
    this.raw = raw
  }
}

/** The JSON text in which a step's error is kept and shown. */
export function errorText(error: unknown): string {
  if (error instanceof StepFailure) return serialize(error.message, `Error: ${error.raw}`)
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return serialize(message, `Error: ${message}`)
}

/** What the run's `failedStep` shows of it: cut, and so often no longer valid JSON. */
export function shortErrorText(text: string): string {
  return text.length > shownMessage ? `${text.slice(0, shownMessage)}…` : text
}

function serialize(message: string, raw: string): string {
  return JSON.stringify({ __apErrorVersion: 1, message, raw })
}
