import { type Database, openDatabase, type Queryable } from '../database.ts'
import type { Statement } from '../flight.ts'
import type { Caller } from './caller.ts'

export interface Session {
  /** Commits when `work` returns, rolls back when it throws. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  /** For a single query: one network flight and a transaction of its own. */
  alone<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  /** The same, and nothing of it stays. */
  rehearsal(work: (tx: Queryable) => Promise<unknown>): Promise<unknown>
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
    sessionOf: (caller) => sessionOn(db, [become(caller)]),
    own: sessionOn(db, []),
    close: () => db.close(),
  }
}

/** From here on the transaction writes what belongs to Storage alone. */
export async function becomeStorage(tx: Queryable): Promise<void> {
  await tx.query(`select set_config('role', $1, true)`, [ownRole])
}

function sessionOn(db: Database, ahead: Statement[]): Session {
  return {
    transaction: (work) => db.transaction(work, ahead),
    alone: (work) => work(db.single(ahead, 'commit')),
    rehearsal: (work) => work(db.single(ahead, 'rollback')),
  }
}

function become({ role, claims, method, path, operation }: Caller): Statement {
  const settings = {
    role,
    'request.jwt.claims': JSON.stringify(claims),
    'request.jwt.claim.sub': claims.sub ?? '',
    'request.jwt.claim.role': role,
    'request.method': method,
    'request.path': path,
    'storage.operation': operation,
  }
  const calls = Object.keys(settings).map((_, index) => `set_config($${index * 2 + 1}, $${index * 2 + 2}, true)`)
  return { text: `select ${calls.join(', ')}`, values: Object.entries(settings).flat() }
}
