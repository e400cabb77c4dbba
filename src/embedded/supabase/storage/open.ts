import type { KeyRing } from '../key-ring.ts'
import type { Logger } from '../logger.ts'
import { ByteStore } from './byte-store.ts'
import type { Storage } from './context.ts'
import { openStorageDatabase } from './database.ts'
import { createLinks } from './links.ts'
import { Turns } from './resumable/turns.ts'
import { defaultStorageSettings, type StorageSettings } from './settings.ts'
import { sweep } from './sweep.ts'
import { Transfers } from './transfers.ts'

export interface StorageOptions {
  /** As a role that is or may become `supabase_storage_admin`, anon, authenticated and service_role. */
  databaseUrl: string
  /** Belongs to one process at a time. */
  folder: string
  keys: KeyRing
  secretKey: string
  settings: Partial<StorageSettings> | undefined
  log: Logger
  now(): number
  /** Known only once the server listens. */
  address: { url: string }
}

/** Opens Storage, and clears away what an earlier process left behind. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { databaseUrl, folder, keys, log, now, address } = options
  const onIdleError = (error: Error) => log.warn({ reason: error.message }, 'a connection of Storage ended')
  const storage: Storage = {
    db: openStorageDatabase(databaseUrl, onIdleError),
    bytes: new ByteStore(folder),
    keys,
    links: createLinks(options.secretKey, now),
    turns: new Turns(),
    settings: { ...defaultStorageSettings, ...options.settings },
    log,
    transfers: new Transfers(),
    now,
    get url() {
      return `${address.url}/storage/v1`
    },
  }
  try {
    await sweep(storage)
    return storage
  } catch (error) {
    await storage.db.close()
    throw error
  }
}
