import type { Database } from '../store/database.ts'
import { type FlowVersion, findVersion } from '../store/flows.ts'
import { readTrigger, type Trigger } from './definition.ts'

const remembered = 200

interface Entry {
  version: FlowVersion
  trigger?: Trigger
}

/** Versions parsed once; only what is locked is kept, for it never changes. */
export class VersionCache {
  readonly #database: Database
  readonly #entries = new Map<string, Entry>()

  constructor(database: Database) {
    this.#database = database
  }

  find(versionId: string): FlowVersion | undefined {
    return this.#entry(versionId)?.version
  }

  /** The flow of a version as the executor walks it; throws where it cannot be walked. */
  trigger(versionId: string): Trigger {
    const entry = this.#entry(versionId)
    if (entry === undefined) throw new Error(`Flow version ${versionId} does not exist`)
    entry.trigger ??= readTrigger(entry.version.trigger)
    return entry.trigger
  }

  #entry(versionId: string): Entry | undefined {
    const known = this.#entries.get(versionId)
    if (known !== undefined) return known
    const version = findVersion(this.#database, versionId)
    if (version === undefined) return undefined
    const entry = { version }
    if (version.state === 'LOCKED') {
      if (this.#entries.size >= remembered) this.#entries.clear()
      this.#entries.set(versionId, entry)
    }
    return entry
  }
}
