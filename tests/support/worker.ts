import { randomUUID } from 'node:crypto'
import { activePieces } from '../../src/engine/activepieces.ts'
import { createLogger } from '../../src/logger.ts'
import { runSettings } from '../../src/service.ts'
import type { WorkerContext } from '../../src/services/workflows/worker-context.ts'
import type { TestStack } from './stack.ts'

/** What a worker of a stack works with, but for its database. */
export function workerContext(stack: TestStack): Omit<WorkerContext, 'read' | 'transaction'> {
  const engine = activePieces(stack.connections.engine)
  return {
    workerId: randomUUID(),
    engineFor: async () => engine,
    settings: runSettings(stack.env, stack.url),
    log: createLogger('silent'),
    now: Date.now,
  }
}
