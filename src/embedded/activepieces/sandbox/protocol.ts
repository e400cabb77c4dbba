import { isObject } from '../json.ts'

/** One code step for a worker: compiled source, its input as JSON, and how much it may use. */
export interface CodeJob {
  source: string
  input: string
  timeoutMs: number
  stackBytes: number
  outputChars: number
}

export type CodeResult =
  /** JSON text; absent when the code returned nothing. */
  | { kind: 'output'; output?: string }
  | { kind: 'error'; message: string; stack: string }
  | { kind: 'timeout' | 'memory' | 'output-limit' }

/** What a worker sends: it is ready for the first job, or it is done with one (and fit for the next or not). */
export type WorkerMessage = { type: 'ready' } | { type: 'done'; result: CodeResult; isReusable: boolean }

// The two ends are this folder's own; checking every field would load a validator into each thread.
export function isCodeJob(value: unknown): value is CodeJob {
  return isObject(value) && typeof value['source'] === 'string' && typeof value['input'] === 'string'
}

export function isWorkerMessage(value: unknown): value is WorkerMessage {
  return isObject(value) && (value['type'] === 'ready' || (value['type'] === 'done' && isObject(value['result'])))
}
