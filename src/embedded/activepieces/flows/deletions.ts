import type { Settings } from '../settings.ts'
import { timestamp } from '../settings.ts'
import type { Database } from '../store/database.ts'
import { deleteFlow, listFlowsBeingDeleted, updateFlow } from '../store/flows.ts'

/** Deletes flows a moment after they were asked to go, as the real server's queue does. */
export class Deletions {
  readonly #settings: Settings
  readonly #database: Database
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(settings: Settings, database: Database) {
    this.#settings = settings
    this.#database = database
  }

  /** Does what the last engine on this folder did not come to. */
  start(): void {
    for (const flowId of listFlowsBeingDeleted(this.#database)) deleteFlow(this.#database, flowId)
  }

  schedule(flowId: string): void {
    updateFlow(this.#database, flowId, { operationStatus: 'DELETING' }, timestamp(this.#settings))
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      deleteFlow(this.#database, flowId)
    }, this.#settings.limits.deletionDelayMs)
    this.#timers.add(timer)
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }
}
