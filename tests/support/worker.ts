import { randomUUID } from 'node:crypto'
import { createLogger } from '../../src/logger.ts'
import { enginesOf, runSettings } from '../../src/service.ts'
import type { WorkerContext } from '../../src/services/workflows/worker-context.ts'
import { supabaseStorage } from '../../src/storage/supabase-storage.ts'
import type { WorkerOptions } from '../../src/worker/worker.ts'
import type { TestStack } from './stack.ts'

/** What a worker of a stack works with, but for its database. */
export function workerContext(
  stack: Pick<TestStack, 'env' | 'url'> & {
    connections: Pick<TestStack['connections'], 'engine'> & Partial<TestStack['connections']>
  },
): Omit<WorkerContext, 'read' | 'write' | 'transaction' | 'engines'> & Pick<WorkerOptions, 'enginesOn'> {
  return {
    workerId: randomUUID(),
    objects: supabaseStorage(stack.connections.supabase ?? noStorage),
    enginesOn: enginesOf(stack.env, stack.connections),
    settings: runSettings(stack.env, stack.url),
    log: createLogger('silent'),
    now: Date.now,
  }
}

const noStorage = { url: 'http://127.0.0.1:9', publishableKey: '', secretKey: '' }
