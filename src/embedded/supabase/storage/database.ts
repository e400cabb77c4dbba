import { type Database, openDatabase, type Queryable } from '../database.ts'
import type { Caller } from './caller.ts'

export interface Session {
  /** Commits when `work` returns, rolls back when it throws. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  /** Throws what `work` throws, and leaves nothing behind in either case. */
  rehearsal(work: (tx: Queryable) => Promise<unknown>): Promise<void>
}

export interface StorageDatabase {
  /** Under the caller's role and claims: row level security decides. */
  sessionOf(caller: Caller): Session
  /** As Storage, the tables' owner: for its own upkeep, and for what a public bucket or a signed link has opened. */
  readonly own: Session
  close(): Promise<void>
}

const ownRole = 'supabase_storage_admin'

export function openStorageDatabase(databaseUrl: string, onIdleError: (error: Error) => void): StorageDatabase {
  const db = openDatabase(databaseUrl, ownRole, onIdleError)
  return {
    sessionOf: (caller) => sessionOn(db, (tx) => become(tx, caller)),
    own: sessionOn(db, async () => undefined),
    close: () => db.close(),
  }
}

/** From here on the transaction writes what belongs to Storage alone. */
export async function becomeStorage(tx: Queryable): Promise<void> {
  await tx.query(`select set_config('role', $1, true)`, [ownRole])
}

class RolledBack extends Error {}

function sessionOn(db: Database, begin: (tx: Queryable) => Promise<unknown>): Session {
  const transaction = <T>(work: (tx: Queryable) => Promise<T>) =>
    db.transaction(async (tx) => {
      await begin(tx)
      return await work(tx)
    })
  const rehearsal = async (work: (tx: Queryable) => Promise<unknown>) => {
    const rehearsed = transaction(async (tx) => {
      await work(tx)
      throw new RolledBack()
    })
    await rehearsed.catch((error) => {
      if (!(error instanceof RolledBack)) throw error
    })
  }
  return { transaction, rehearsal }
}

async function become(tx: Queryable, { role, claims, method, path }: Caller): Promise<void> {
  const settings = {
    role,
    'request.jwt.claims': JSON.stringify(claims),
    'request.jwt.claim.sub': claims.sub ?? '',
    'request.jwt.claim.role': role,
    'request.method': method,
    'request.path': path,
  }
  const calls = Object.keys(settings).map((_, index) => `set_config($${index * 2 + 1}, $${index * 2 + 2}, true)`)
  await tx.query(`select ${calls.join(', ')}`, Object.entries(settings).flat())
}
