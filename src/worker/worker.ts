import { randomUUID } from 'node:crypto'
import { type Database, openDatabase } from '../db/client.ts'
import { type Listening, listen } from '../db/notifications.ts'
import { releaseLeases, signOfLife } from '../db/queries/follows.ts'
import type { ObjectStores } from '../services/objects.ts'
import type { Engines } from '../services/workflows/engine.ts'
import type { RunSettings, WorkerContext } from '../services/workflows/worker-context.ts'
import { chores } from './chores.ts'
import { Housekeeper } from './housekeeper.ts'
import { Runs } from './runs.ts'

export interface WorkerOptions {
  databaseUrl: string
  /** Opens the engines on the worker's own database. */
  enginesOn(work: Pick<WorkerContext, 'read' | 'transaction'>): Engines
  objects: ObjectStores
  settings: RunSettings
  log: WorkerContext['log']
  /** Runs that this worker follows at once. */
  maxRuns?: number
  now?(): number
}

export interface Worker {
  close(): Promise<void>
}

const connections = 8

/** Dispatches pending runs, follows those under way and does the chores, until it is closed; a restart picks up where it stopped. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { log, settings, objects, now = Date.now } = options
  const onError = (error: Error) => log.warn({ reason: error.message }, 'a database connection of the worker ended')
  const database: Database = openDatabase({
    url: options.databaseUrl,
    maxConnections: connections,
    onConnectionError: onError,
  })
  const { read, write, transaction } = database.own
  const engines = options.enginesOn({ read, transaction })
  const ctx: WorkerContext = { workerId: randomUUID(), engines, objects, settings, log, now, read, write, transaction }
  const runs = new Runs(ctx, options.maxRuns ?? 200)
  const housekeeper = new Housekeeper(ctx, chores)
  // News of one run concern whoever follows it or may take it; all others are for the chores, too.
  const wake = (executionId: string) => {
    runs.wake(executionId)
    if (executionId === '') housekeeper.wake()
  }
  const listening: Listening = await listen({
    url: options.databaseUrl,
    channels: ['studios_worker'],
    onNotice: (_, executionId) => wake(executionId),
    sign: signOfLife(ctx.workerId),
    onLost: () => runs.pause(),
    onGap: () => {
      runs.resume()
      wake('')
    },
    onError,
  })
  const running = Promise.all([runs.run(), housekeeper.run()])
  return {
    close: async () => {
      runs.stop()
      housekeeper.stop()
      await listening.close()
      await running
      await transaction((tx) => releaseLeases(tx, ctx.workerId)).catch((error: unknown) =>
        log.warn({ err: error }, 'the runs of this worker could not be given back; they pass on when their leases end'),
      )
      await database.close()
    },
  }
}
