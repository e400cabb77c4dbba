import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Environment, readEnvironment } from '../../src/config.ts'
import type { Connections } from '../../src/connections.ts'
import { freePort } from '../../src/embedded/postgres.ts'
import { startStack } from '../../src/embedded/stack.ts'
import { createLogger } from '../../src/logger.ts'
import { publishFolders } from '../../src/publishing.ts'
import { startService } from '../../src/service.ts'

const hasty = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
const freePorts = { EMBEDDED_SUPABASE_PORT: '0', EMBEDDED_ACTIVEPIECES_PORT: '0' }

/** Starts everything in a temporary folder, gives the API's address to the work, and takes everything away again. */
export async function withThrowAwayStack<T>(work: (stack: { url: string }) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'studios-demo-'))
  // PostgreSQL may run as another account than ours, and its data go with the folder only if that account gets in.
  chmodSync(folder, 0o711)
  const env: Environment = readEnvironment({ ...freePorts, DATA_DIR: folder, LOG_LEVEL: 'error' })
  const logger = createLogger(env.LOG_LEVEL)
  const stack = await startStack({ env, logger, postgresSettings: hasty })
  try {
    const connections = stack.connections as Connections
    await publishFolders(connections)
    // Flows come back to this address, so it has to be known before anything listens.
    const port = await freePort()
    const url = `http://${env.HOST}:${port}`
    const service = await startService({ env, connections, logger, version: 'demo', publicUrl: url })
    try {
      await service.app?.listen({ host: env.HOST, port })
      return await work({ url })
    } finally {
      await service.close()
    }
  } finally {
    await stack.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
