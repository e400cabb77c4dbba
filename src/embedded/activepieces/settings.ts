import type { FastifyBaseLogger } from 'fastify'

const kilobyte = 1024
const megabyte = 1024 * kilobyte
const second = 1000

/** Every limit with the value a stock installation has, or the embedded engine's own where there is none. */
export const defaultLimits = {
  /** A larger request body is refused by the framework. */
  bodyBytes: 54 * megabyte,
  /** A larger webhook body gets 413 `{ message }`. */
  webhookPayloadBytes: 25 * megabyte,
  /** A synchronous call without an answer gets 204 after this. */
  webhookTimeoutMs: 30 * second,
  /** A run that works longer, pauses not counted, ends as TIMEOUT. */
  flowTimeoutMs: 600 * second,
  /** A longer delay pauses the run. */
  inProcessDelayMs: 10 * second,
  /** How long a run that paused or ended still shows the state before. A real server's queue takes 10 to 300 ms. */
  statusLagMs: 0,
  /** Longest pause. */
  pauseMs: 30 * 24 * 3600 * second,
  codeTimeoutMs: 60 * second,
  /** The whole memory of the machine a code step runs in; at least 16 MB. */
  codeMemoryBytes: 256 * megabyte,
  codeStackBytes: 1 * megabyte,
  /** Threads that run code steps; each takes one step at a time. */
  codeThreads: 2,
  /** All outputs of a run together; more ends it as LOG_SIZE_EXCEEDED. */
  runLogBytes: 50 * megabyte,
  /** A larger output is shown as a slice: a link to a file. */
  sliceBytes: 32 * kilobyte,
  /** A larger input is shown as "(truncated, …)". */
  inputBytes: 2 * kilobyte,
  /** First pause between the attempts of a step with retry-on-failure; doubles each time. */
  retryBaseMs: 2 * second,
  retryAttempts: 4,
  httpTimeoutMs: 60 * second,
  httpResponseBytes: 25 * megabyte,
  /** How long a `_dedupe_key` is remembered. */
  dedupeMs: 30 * second,
  /** Life of the link to a slice. */
  fileLinkMs: 7 * 24 * 3600 * second,
  authenticationPerMinute: 50,
  /** Between the 204 of a deletion and its effect. */
  deletionDelayMs: 100,
  /** How long close() waits for the steps that are running. */
  closeGraceMs: 2 * second,
}

export type EngineLimits = typeof defaultLimits

export interface EngineOptions {
  /** Folder of the engine's own database; made when missing. */
  dataDir: string
  host?: string
  /** 0 takes a free port. Links in step outputs hold the port: keep it fixed where runs outlive a restart. */
  port?: number
  /** Runs executed at once; 0 is an installation whose workers are down: it accepts and executes nothing. */
  workers?: number
  limits?: Partial<EngineLimits>
  /** Milliseconds since 1970. */
  now?: () => number
  logger?: FastifyBaseLogger
}

export interface Settings {
  workers: number
  limits: EngineLimits
  now: () => number
  /** `http://host:port`, known once the server listens. */
  origin: string
}

export function resolveSettings(options: EngineOptions): Settings {
  return {
    workers: options.workers ?? 4,
    limits: { ...defaultLimits, ...options.limits },
    now: options.now ?? Date.now,
    origin: '',
  }
}

export function timestamp(settings: Settings, offsetMs = 0): string {
  return new Date(settings.now() + offsetMs).toISOString()
}
