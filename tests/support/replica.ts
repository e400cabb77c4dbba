import { createLogger } from '../../src/logger.ts'
import { startService } from '../../src/service.ts'
import type { TestStack } from './stack.ts'

/** One more API on the stack's database, as a second host would run it. */
export async function startReplica({ env, connections }: TestStack): Promise<{ url: string; close(): Promise<void> }> {
  const logger = createLogger('silent')
  const options = { connections, logger, version: 'test', publicUrl: 'http://studios.test' }
  const service = await startService({ env: { ...env, ROLE: 'api' }, ...options })
  const url = (await service.app?.listen({ host: '127.0.0.1', port: 0 })) ?? ''
  return { url, close: () => service.close() }
}
