import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { inject } from 'vitest'
import { type Environment, readEnvironment } from '../../src/config.ts'
import type { Connections } from '../../src/connections.ts'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { startEngine } from '../../src/embedded/activepieces/index.ts'
import { freePort } from '../../src/embedded/postgres.ts'
import { storageSettings } from '../../src/embedded/stack.ts'
import { type SupabaseOptions, startSupabase, withVaultKey } from '../../src/embedded/supabase/index.ts'
import { activePieces } from '../../src/engine/activepieces.ts'
import { createLogger } from '../../src/logger.ts'
import { startService } from '../../src/service.ts'
import type { Engine } from '../../src/services/workflows/engine.ts'
import { createDatabase } from './database.ts'
import { addressOf } from './template.ts'

/** A whole product of a test file's own: database, Auth, Storage, engine, API and worker, each over real sockets. */
export interface TestStack {
  url: string
  connections: Connections
  supabase: { url: string; publishableKey: string; secretKey: string }
  env: Environment
  /** Lines that the product logged, as it would print them. */
  logs: string[]
  /** SQL as the superuser, for looking at what the product did. */
  owner: pg.Client
  /** By what tests publish workflows of their own: one connection and one sign-in at the engine, which allows few. */
  publisher: Pick<Database['own'], 'read' | 'transaction'> & { engine: Engine }
  /** Ends API and worker, and with them their connections. */
  closeService(): Promise<void>
  /** Stops the engine, as a crash of its host would, and starts it again at the same address. */
  engine: { stop(): Promise<void>; start(): Promise<void> }
  /** The same for Auth and Storage, which are one server. */
  storage: { stop(): Promise<void>; start(): Promise<void> }
  /** Ends API and worker and starts them anew, on the same data. */
  restart(): Promise<void>
  close(): Promise<void>
}

const cheapPasswords = { argon2: { memoryKiB: 64, passes: 1, parallelism: 1 } }
const manySignUps = { requests: 100_000, perSeconds: 1, burst: 100_000 }

/** Starts a stack on a clone of the template; `variables` are environment variables that differ from the defaults. */
export async function startTestStack(variables: Record<string, string> = {}): Promise<TestStack> {
  const template = inject('template')
  const database = await createDatabase(template.database)
  const name = new URL(database.url).pathname.slice(1)
  const folder = mkdtempSync(join(inject('scratch'), 'stack-'))
  cpSync(template.engineDir, join(folder, 'engine'), { recursive: true })
  const engine = await restartableEngine(join(folder, 'engine'))
  const supabase = await restartableSupabase({
    databaseUrl: addressOf(template, name, 'supabase_auth_admin', template.authPassword),
    storageDatabaseUrl: addressOf(template, name, 'supabase_storage_admin', template.storagePassword),
    dataDir: folder,
    keys: template.supabaseKeys,
    storageSettings,
    settings: {
      ...cheapPasswords,
      autoconfirm: true,
      rateLimits: { token: manySignUps, mail: manySignUps, verify: manySignUps, anonymous: manySignUps },
    },
  })
  const connections: Connections = {
    database: {
      apiUrl: addressOf(template, name, 'studios_api', template.apiPassword),
      workerUrl: withVaultKey(addressOf(template, name, 'studios_worker', template.workerPassword), template.vaultKey),
      ownerUrl: database.url,
      scopeKey: Buffer.from(template.scopeKey, 'hex'),
    },
    supabase: {
      url: supabase.url,
      publishableKey: supabase.publishableKey,
      secretKey: supabase.secretKey,
      issuer: supabase.issuer,
      jwksUrl: supabase.jwksUrl,
      jwtSecret: undefined,
    },
    engine: {
      url: engine.url,
      account: { email: template.engine.email, password: template.engine.password },
      webhookSecret: template.engine.webhookSecret,
      openForMs: 50,
    },
  }
  const env = readEnvironment({
    PORT: '0',
    REQUESTS_PER_MINUTE_PER_ADDRESS: '1000000',
    REQUESTS_PER_MINUTE_PER_USER: '1000000',
    MAX_EVENT_LOOP_DELAY_MS: '0',
    ...variables,
  })
  const logs: string[] = []
  const logger = createLogger('info', { write: (line: string) => void logs.push(line) })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const serve = async () => {
    const started = await startService({ env, connections, logger, version: 'test', publicUrl: url })
    await started.app?.listen({ host: '127.0.0.1', port })
    return started
  }
  let service = await serve()
  const owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
  const publishing = openDatabase({
    url: connections.database.workerUrl,
    maxConnections: 1,
    onConnectionError: () => undefined,
  })
  return {
    url,
    connections,
    supabase,
    env,
    logs,
    owner,
    publisher: { ...publishing.own, engine: activePieces(connections.engine) },
    engine,
    storage: supabase,
    restart: async () => {
      await service.close()
      service = await serve()
    },
    closeService: () => service.close(),
    close: async () => {
      await owner.end()
      await publishing.close()
      await service.close()
      await supabase.stop()
      await engine.stop()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function restartableEngine(dataDir: string) {
  let running = await startEngine({ dataDir })
  const url = running.url.replace(/\/api\/v1$/, '')
  return {
    url,
    stop: () => running.close(),
    start: async () => {
      running = await startEngine({ dataDir, port: Number(new URL(url).port) })
    },
  }
}

async function restartableSupabase(options: SupabaseOptions) {
  let running = await startSupabase(options)
  const { url, publishableKey, secretKey, issuer, jwksUrl } = running
  return {
    ...{ url, publishableKey, secretKey, issuer, jwksUrl },
    stop: () => running.close(),
    start: async () => {
      running = await startSupabase({ ...options, port: Number(new URL(url).port) })
    },
  }
}
