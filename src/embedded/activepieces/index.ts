import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { Sessions } from './auth/sessions.ts'
import { Tokens } from './auth/tokens.ts'
import type { EngineContext } from './context.ts'
import { Deletions } from './flows/deletions.ts'
import { VersionCache } from './flows/version-cache.ts'
import { Dispatcher } from './runs/dispatcher.ts'
import { Responders } from './runs/responders.ts'
import { Compiler } from './sandbox/compiler.ts'
import { CodePool } from './sandbox/pool.ts'
import { addRoutes, createServer } from './server.ts'
import { type EngineOptions, resolveSettings, type Settings } from './settings.ts'
import { Database } from './store/database.ts'

export type { EngineLimits, EngineOptions } from './settings.ts'

/** A flow engine that speaks the REST contract of ActivePieces 0.85.4, with its own storage. */
export interface EmbeddedEngine {
  /** Base of the API, `http://host:port/api/v1`. */
  readonly url: string
  /** Lets running steps finish for a moment; what is left goes on when an engine starts on the same folder again. */
  close(): Promise<void>
}

/**
 * Starts the engine on a folder of its own. Runs that a killed engine was executing resume from their last finished
 * step; queued and paused ones go on. A folder serves one engine at a time.
 */
export async function startEngine(options: EngineOptions): Promise<EmbeddedEngine> {
  const settings = resolveSettings(options)
  const server = createServer(settings.limits.bodyBytes, options.logger)
  const database = new Database(options.dataDir)
  const { context, dispatcher } = assemble(settings, database, server.log)
  addRoutes(server, context)
  try {
    settings.origin = await listen(server, options)
  } catch (error) {
    database.close()
    throw error
  }
  context.deletions.start()
  context.pool.warm()
  void context.compiler.compile('')
  dispatcher.start()
  let closed: Promise<void> | undefined
  return {
    url: `${settings.origin}/api/v1`,
    close: () => {
      closed ??= shutDown(context, dispatcher, server)
      return closed
    },
  }
}

async function shutDown(context: EngineContext, dispatcher: Dispatcher, server: FastifyInstance): Promise<void> {
  await dispatcher.stop(context.settings.limits.closeGraceMs)
  context.responders.close()
  await server.close()
  context.deletions.close()
  await context.pool.close()
  context.database.close()
}

function assemble(settings: Settings, database: Database, log: FastifyBaseLogger) {
  const tokens = new Tokens(settings, database)
  const runContext = {
    settings,
    database,
    versions: new VersionCache(database),
    responders: new Responders(),
    pool: new CodePool(settings.limits.codeThreads, settings.limits.codeMemoryBytes),
    compiler: new Compiler(),
    log,
  }
  const dispatcher = new Dispatcher(runContext)
  const sessions = new Sessions(database, tokens)
  const deletions = new Deletions(settings, database)
  const context: EngineContext = { ...runContext, tokens, sessions, deletions, wake: () => dispatcher.wake() }
  return { context, dispatcher }
}

async function listen(server: FastifyInstance, options: EngineOptions): Promise<string> {
  const host = options.host ?? '127.0.0.1'
  await server.listen({ host, port: options.port ?? 0 })
  const address = server.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
