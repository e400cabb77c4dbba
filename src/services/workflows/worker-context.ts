import type { Tx } from '../../db/client.ts'
import type { ObjectStores } from '../objects.ts'
import type { Engines } from './engine.ts'

/** What an operator may set of how runs are carried out. */
export interface RunSettings {
  /** Runs that the platform's engine carries out at once. */
  engineMaxRuns: number
  /** A run's deadline is its workflow's estimated duration times this, and never less than `leastDeadlineMs`. */
  deadlineFactor: number
  leastDeadlineMs: number
  /** How long a started run may stay invisible at the engine before it is started again (ACTIVEPIECES.md, point 10). */
  rowWindowMs: number
  /** How long after an engine's own error the run is looked at again: the engine may go on with it by itself. */
  secondLookMs: number
  /** The wait before the first automatic retry; each further one waits five times as long. */
  retryDelayMs: number
  /** For how long a run belongs to the worker that follows it, unless renewed. */
  leaseMs: number
  /** The address under which the engine reaches the API. */
  callbackUrl: string
}

/** What the worker's use cases work with: the database as the worker's own role, the engines, the bytes of files, a clock and a log. */
export interface WorkerContext {
  /** Names this worker in the leases that it holds. */
  workerId: string
  settings: RunSettings
  engines: Engines
  /** Where the bytes of files are. */
  objects: ObjectStores
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** One statement that writes: one network flight, a transaction of its own. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  now(): number
  log: { info(details: object, message: string): void; warn(details: object, message: string): void }
}
