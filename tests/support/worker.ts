import { randomUUID } from 'node:crypto'
import { createLogger } from '../../src/logger.ts'
import { enginesOf, runSettings } from '../../src/service.ts'
import type { WorkerContext } from '../../src/services/workflows/worker-context.ts'
import type { WorkerOptions } from '../../src/worker/worker.ts'
import type { TestStack } from './stack.ts'

/** What a worker of a stack works with, but for its database. */
export function workerContext(
  stack: Pick<TestStack, 'env' | 'url'> & { connections: Pick<TestStack['connections'], 'engine'> },
): Omit<WorkerContext, 'read' | 'once' | 'transaction' | 'engines'> & Pick<WorkerOptions, 'enginesOn'> {
  return {
    workerId: randomUUID(),
    enginesOn: enginesOf(stack.env, stack.connections),
    settings: runSettings(stack.env, stack.url),
    log: createLogger('silent'),
    now: Date.now,
  }
}
