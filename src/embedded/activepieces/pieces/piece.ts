import type { JsonObject } from '../json.ts'
import type { FlowResponse } from '../runs/responders.ts'
import type { EngineLimits } from '../settings.ts'

export interface Resumption {
  body: unknown
  headers: Record<string, unknown>
  queryParams: Record<string, unknown>
}

/** How a step ended: with an output, with the end of the run, or with a pause until something resumes it. */
export type PieceResult =
  | { kind: 'output'; output: unknown }
  | { kind: 'stop'; output: unknown }
  | { kind: 'pause'; output: unknown }

export interface PieceCall {
  input: JsonObject
  /** What resumed the run, when this very step had paused it. */
  resume: Resumption | undefined
  signal: AbortSignal
  limits: EngineLimits
  now: () => number
  addTag: (tag: string) => void
  /** Answers the synchronous caller, if one waits. */
  respond: (response: FlowResponse) => void
  /** Makes a waitpoint; a time resumes the run by itself then. Returns its public URL without a query. */
  createWaitpoint: (resumeAt?: number) => string
}

export type PieceFunction = (call: PieceCall) => PieceResult | Promise<PieceResult>
