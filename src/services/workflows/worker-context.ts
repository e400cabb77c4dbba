import type { Tx } from '../../db/client.ts'
import type { Engine } from './engine.ts'

/** What the worker's use cases work with: the database as the worker's own role, the engine, a clock and a log. */
export interface WorkerContext {
  engine: Engine
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  now(): number
  log: { info(details: object, message: string): void; warn(details: object, message: string): void }
  /** How long a started run may stay invisible at the engine before it is started again (ACTIVEPIECES.md, point 10). */
  rowWindowMs: number
}
