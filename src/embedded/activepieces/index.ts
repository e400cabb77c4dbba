import { Sessions } from './auth/sessions.ts'
import { Tokens } from './auth/tokens.ts'
import type { EngineContext } from './context.ts'
import { VersionCache } from './flows/version-cache.ts'
import { Dispatcher } from './runs/dispatcher.ts'
import { Responders } from './runs/responders.ts'
import { Compiler } from './sandbox/compiler.ts'
import { CodePool } from './sandbox/pool.ts'
import { addRoutes, createServer } from './server.ts'
import { type EngineOptions, resolveSettings } from './settings.ts'
import { Database } from './store/database.ts'
import { deleteFlow, listFlowsBeingDeleted } from './store/flows.ts'

export type { EngineLimits, EngineOptions } from './settings.ts'

/** A flow engine that speaks the REST contract of ActivePieces 0.85.4, with its own storage. */
export interface EmbeddedEngine {
  /** Base of the API, `http://host:port/api/v1`. */
  readonly url: string
  readonly port: number
  /** Lets running steps finish for a moment; what is left goes on when an engine starts on the same folder again. */
  close(): Promise<void>
}

/**
 * Starts the engine on a folder of its own. Runs that a killed engine was executing resume from their last finished
 * step; queued and paused ones go on. A folder serves one engine at a time.
 */
export async function startEngine(options: EngineOptions): Promise<EmbeddedEngine> {
  const settings = resolveSettings(options)
  const host = options.host ?? '127.0.0.1'
  const server = createServer(settings.limits.bodyBytes, options.logger)
  const database = new Database(options.dataDir)
  const pool = new CodePool(settings.limits.codeThreads, settings.limits.codeMemoryBytes)
  const responders = new Responders()
  const tokens = new Tokens(settings, database)
  const deletions = new Set<NodeJS.Timeout>()
  const runContext = { settings, database, responders, pool, compiler: new Compiler(), log: server.log }
  const versions = new VersionCache(database)
  const dispatcher = new Dispatcher({ ...runContext, versions })
  const context: EngineContext = {
    ...runContext,
    versions,
    tokens,
    sessions: new Sessions(database, tokens),
    wake: () => dispatcher.wake(),
    deleteFlowSoon: (flowId) => {
      const timer = setTimeout(() => {
        deletions.delete(timer)
        deleteFlow(database, flowId)
      }, settings.limits.deletionDelayMs)
      deletions.add(timer)
    },
  }
  for (const flowId of listFlowsBeingDeleted(database)) deleteFlow(database, flowId)
  addRoutes(server, context)
  await server.listen({ host, port: options.port ?? 0 })
  const port = portOf(server.server.address())
  settings.origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  pool.warm()
  void context.compiler.compile('')
  dispatcher.start()
  return {
    url: `${settings.origin}/api/v1`,
    port,
    close: async () => {
      await dispatcher.stop(settings.limits.closeGraceMs)
      responders.close()
      await server.close()
      for (const timer of deletions) clearTimeout(timer)
      await pool.close()
      database.close()
    },
  }
}

function portOf(address: string | { port: number } | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}
