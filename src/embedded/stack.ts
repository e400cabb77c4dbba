import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import pg from 'pg'
import type { Environment } from '../config.ts'
import type { Connections } from '../connections.ts'
import { largestFileBytes } from '../contracts/file-types.ts'
import { installSecrets, migrateUp } from '../db/migrations.ts'
import { startEngine } from './activepieces/index.ts'
import { authSettings } from './auth-settings.ts'
import { openEngineAccount } from './engine-account.ts'
import { holdDataDir } from './lock.ts'
import { startPostgres } from './postgres.ts'
import { noteRunning } from './running.ts'
import { type EmbeddedSecrets, loadSecrets, withGivenKeys } from './secrets.ts'
import { bootstrapSupabase, startSupabase, withVaultKey } from './supabase/index.ts'

/** Storage takes the largest file; on Supabase its global limit has to be raised to that. */
export const storageSettings = { fileSizeLimit: largestFileBytes }

/** The services that the environment does not name, running here; `connections` says where. */
export interface EmbeddedStack {
  connections: Partial<Connections>
  secrets: EmbeddedSecrets
  /** Every folder that holds data. */
  dataDirs: string[]
  close(): Promise<void>
}

export interface StackOptions {
  env: Environment
  logger: FastifyBaseLogger
  /** For throw-away stacks: settings of PostgreSQL that trade durability for speed. */
  postgresSettings?: Record<string, string>
}

type Closer = () => Promise<void> | void

const databaseName = 'studios'

/** Starts whatever the environment does not name: PostgreSQL with Supabase's Auth and Storage, and the flow engine. */
export async function startStack(options: StackOptions): Promise<EmbeddedStack> {
  const { env, logger } = options
  const dataDir = resolve(env.DATA_DIR)
  mkdirSync(dataDir, { recursive: true })
  const closers: Closer[] = [holdDataDir(dataDir)]
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const secrets = withGivenKeys(await loadSecrets(dataDir), env)
    const data = env.DATABASE_URL ? undefined : await startData(options, dataDir, secrets, closers)
    const engine = env.ACTIVEPIECES_URL ? {} : await startFlows(env, dataDir, secrets, closers, logger)
    const dataDirs = [dataDir, ...(data && !data.clusterDir.startsWith(dataDir) ? [data.clusterDir] : [])]
    const connections = { ...data?.connections, ...engine }
    closers.push(noteRunning(dataDir, connections))
    return { connections, secrets, dataDirs, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function startData(
  { env, logger, postgresSettings }: StackOptions,
  dataDir: string,
  secrets: EmbeddedSecrets,
  closers: Closer[],
) {
  const port = env.EMBEDDED_POSTGRES_PORT
  const settings = { max_connections: '200', ...postgresSettings }
  const server = await startPostgres({
    dataDir: join(dataDir, 'postgres'),
    password: secrets.postgresPassword,
    port,
    settings,
  })
  closers.push(() => server.close())
  await createDatabase(server.url('postgres'))
  const ownerUrl = server.url(databaseName)
  const { vaultKey, authPassword, storagePassword } = secrets
  await bootstrapSupabase(ownerUrl, { vaultKey, authPassword, storagePassword })
  await migrateUp(ownerUrl)
  const scopeKey = Buffer.from(secrets.scopeKey, 'hex')
  await installSecrets(ownerUrl, { scopeKey, apiPassword: secrets.apiPassword, workerPassword: secrets.workerPassword })
  const supabase = await startSupabase({
    databaseUrl: server.url(databaseName, 'supabase_auth_admin', authPassword),
    storageDatabaseUrl: server.url(databaseName, 'supabase_storage_admin', storagePassword),
    dataDir,
    keys: secrets.supabase,
    settings: authSettings(env),
    storageSettings,
    host: env.HOST,
    port: env.EMBEDDED_SUPABASE_PORT,
    ...(env.EMBEDDED_SUPABASE_PUBLIC_URL ? { publicUrl: env.EMBEDDED_SUPABASE_PUBLIC_URL } : {}),
    logger,
  })
  closers.push(() => supabase.close())
  const { url, publishableKey, secretKey, issuer, jwksUrl } = supabase
  const connections = {
    database: {
      apiUrl: server.url(databaseName, 'studios_api', secrets.apiPassword),
      workerUrl: withVaultKey(server.url(databaseName, 'studios_worker', secrets.workerPassword), secrets.vaultKey),
      ownerUrl,
      scopeKey,
    },
    supabase: { url, publishableKey, secretKey, issuer, jwksUrl, jwtSecret: undefined },
  }
  return { connections, clusterDir: server.dataDir }
}

async function startFlows(
  env: Environment,
  dataDir: string,
  secrets: EmbeddedSecrets,
  closers: Closer[],
  logger: FastifyBaseLogger,
) {
  const port = env.EMBEDDED_ACTIVEPIECES_PORT
  const engine = await startEngine({
    dataDir: join(dataDir, 'engine'),
    port,
    logger: logger.child({ service: 'engine' }, { level: 'warn' }),
  })
  closers.push(() => engine.close())
  const url = engine.url.replace(/\/api\/v1$/, '')
  const account = { email: secrets.engineEmail, password: secrets.enginePassword }
  await openEngineAccount(url, account)
  return { engine: { url, account, webhookSecret: secrets.webhookSecret } }
}

async function createDatabase(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [databaseName])
    if (rowCount === 0) await client.query(`create database ${databaseName}`)
  } finally {
    await client.end()
  }
}
