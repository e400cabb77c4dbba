import type { KeyRing } from '../key-ring.ts'
import type { Logger } from '../logger.ts'
import type { ByteStore } from './byte-store.ts'
import type { StorageDatabase } from './database.ts'
import type { Links } from './links.ts'
import type { Turns } from './resumable/turns.ts'
import type { StorageSettings } from './settings.ts'
import type { Transfers } from './transfers.ts'

export type { Queryable } from '../database.ts'

/** What every use case of Storage works with. */
export interface Storage {
  readonly db: StorageDatabase
  readonly bytes: ByteStore
  readonly keys: KeyRing
  readonly links: Links
  readonly turns: Turns
  readonly settings: StorageSettings
  readonly log: Logger

  readonly transfers: Transfers
  /** Public address of Storage. */
  readonly url: string
  now(): number
}
