import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { engineSecretPlaceholder } from '../catalog/flow-builder.ts'
import { buildApp, type HttpSettings } from './app.ts'
import { tokenVerifier } from './auth.ts'
import { openBells } from './bells.ts'
import type { Environment } from './config.ts'
import type { Connections } from './connections.ts'
import { openDatabase } from './db/client.ts'
import { activePieces } from './engine/activepieces.ts'
import { companyEngines } from './engine/company-engines.ts'
import { openEngines } from './engine/engines.ts'
import { httpProbe } from './health.ts'
import { ownEngines } from './services/workflows/company-flows.ts'
import type { RunSettings } from './services/workflows/worker-context.ts'
import { supabaseStorage } from './storage/supabase-storage.ts'
import { startWorker, type WorkerOptions } from './worker/worker.ts'

/** The API, the worker, or both, on services that are there already. */
export interface Service {
  /** Undefined in a process that is only a worker. */
  app: FastifyInstance | undefined
  close(): Promise<void>
}

export interface ServiceOptions {
  env: Environment
  connections: Connections
  logger: FastifyBaseLogger
  version: string
  publicUrl: string
}

/** Starts what ROLE asks for; the app does not listen yet. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { env, connections, logger } = options
  const closers: (() => Promise<void>)[] = []
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    if (env.ROLE !== 'api') {
      const log = logger.child({ service: 'worker' })
      const worker = await startWorker({
        databaseUrl: connections.database.workerUrl,
        enginesOn: enginesOf(env, connections),
        objects: supabaseStorage(connections.supabase),
        settings: runSettings(env, options.publicUrl),
        log,
      })
      closers.push(() => worker.close())
    }
    const app = env.ROLE === 'worker' ? undefined : await startApp(options, closers)
    return { app, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function startApp(
  { env, connections, logger, version, publicUrl }: ServiceOptions,
  closers: (() => Promise<void>)[],
) {
  const { database: data, supabase, engine } = connections
  const onError = (error: Error) => logger.warn({ reason: error.message }, 'a database connection of the API ended')
  const open = (url: string, maxConnections: number) => {
    const opened = openDatabase({ url, maxConnections, scopeKey: data.scopeKey, onConnectionError: onError })
    closers.push(() => opened.close())
    return opened
  }
  const database = open(data.apiUrl, env.DATABASE_CONNECTIONS)
  const bells = await openBells(data.apiUrl, onError)
  closers.push(() => bells.close())
  const app = await buildApp({
    database,
    vouchedDatabase: open(data.workerUrl, 4),
    objects: supabaseStorage(supabase),
    companyEngines: companyEngines({ allowPrivate: env.ALLOW_PRIVATE_ENGINES }),
    bell: bells.bell,
    ring: bells.ring,
    info: { name: 'Studios AI', version, auth: { url: supabase.url, publishableKey: supabase.publishableKey } },
    verifyToken: tokenVerifier({ ...supabase, allowAnonymous: env.ALLOW_ANONYMOUS_USERS }),
    probes: {
      database: async () => void (await database.ping()),
      engine: httpProbe(`${engine.url}/api/v1/health`),
      auth: httpProbe(`${supabase.url}/auth/v1/health`, { apikey: supabase.publishableKey }),
      storage: httpProbe(`${supabase.url}/storage/v1/status`, { apikey: supabase.publishableKey }),
    },
    logger,
    settings: httpSettings(env, publicUrl),
  })
  closers.push(() => app.close())
  return app
}

/** The platform's engine, and those that companies name. */
export function enginesOf(env: Environment, connections: Pick<Connections, 'engine'>): WorkerOptions['enginesOn'] {
  const platform = activePieces(connections.engine)
  const ofCompanies = companyEngines({ allowPrivate: env.ALLOW_PRIVATE_ENGINES })
  return (work) =>
    openEngines({ platform, companyEngines: ofCompanies, own: ownEngines(work, engineSecretPlaceholder) })
}

/** How runs are carried out, as the environment says. */
export function runSettings(env: Environment, publicUrl: string): RunSettings {
  return {
    engineMaxRuns: env.ENGINE_MAX_RUNS,
    deadlineFactor: env.RUN_DEADLINE_FACTOR,
    leastDeadlineMs: env.RUN_DEADLINE_MINIMUM_SECONDS * 1000,
    rowWindowMs: env.ENGINE_ROW_WINDOW_SECONDS * 1000,
    secondLookMs: env.ENGINE_SECOND_LOOK_SECONDS * 1000,
    retryDelayMs: env.RUN_RETRY_SECONDS * 1000,
    leaseMs: env.WORKER_LEASE_SECONDS * 1000,
    callbackUrl: env.CALLBACK_URL ?? publicUrl,
  }
}

function httpSettings(env: Environment, publicUrl: string): HttpSettings {
  return {
    corsOrigins: env.CORS_ORIGINS,
    trustProxy: env.TRUST_PROXY,
    requestsPerMinutePerAddress: env.REQUESTS_PER_MINUTE_PER_ADDRESS,
    requestsPerMinutePerUser: env.REQUESTS_PER_MINUTE_PER_USER,
    maxEventLoopDelayMs: env.MAX_EVENT_LOOP_DELAY_MS,
    uploadIdleMs: env.UPLOAD_IDLE_SECONDS * 1000,
    downloadIdleMs: env.DOWNLOAD_IDLE_SECONDS * 1000,
    publicUrl,
  }
}
