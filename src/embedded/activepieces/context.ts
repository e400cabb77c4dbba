import type { FastifyBaseLogger } from 'fastify'
import type { Sessions } from './auth/sessions.ts'
import type { Tokens } from './auth/tokens.ts'
import type { Deletions } from './flows/deletions.ts'
import type { VersionCache } from './flows/version-cache.ts'
import type { Responders } from './runs/responders.ts'
import type { Compiler } from './sandbox/compiler.ts'
import type { CodePool } from './sandbox/pool.ts'
import type { Settings } from './settings.ts'
import type { Database } from './store/database.ts'

/** What a run needs to execute. */
export interface RunContext {
  settings: Settings
  database: Database
  versions: VersionCache
  responders: Responders
  pool: CodePool
  compiler: Compiler
  log: FastifyBaseLogger
}

/** What the routes need besides. */
export interface EngineContext extends RunContext {
  tokens: Tokens
  sessions: Sessions
  deletions: Deletions
  /** Tells the workers that there is something to do. */
  wake: () => void
}
