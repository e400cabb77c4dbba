import { DrizzleQueryError } from 'drizzle-orm'
import { NodePgDatabase, NodePgSession } from 'drizzle-orm/node-postgres'
import { PgDialect } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { nameStatements, type Preambles, UsedConnection, watchSettings } from './connection.ts'
import { commitInDoubt, databaseFault, noConnection } from './errors.ts'
import {
  beginPreamble,
  type RequestDetails,
  type ScopeClaims,
  scopePreamble,
  signClaims,
  vouchedPreamble,
} from './scope.ts'

/** What queries run on. It is the same for scoped requests and for the worker; nesting transactions is not offered. */
export type Tx = Omit<NodePgDatabase, 'transaction' | '$client'>

/** Runs queries for one caller. */
export interface Scope {
  /** For reads: each query goes out as one network flight and is a transaction of its own. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** For a single query that writes: one network flight and a transaction of its own; without an answer nobody knows whether it was done. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** All queries of `work` in one transaction; it commits when `work` resolves and rolls back when it rejects. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
}

export interface Database {
  scope(claims: ScopeClaims, request: RequestDetails): Scope
  /** For the login role itself, with the caller's signed claims beside it: for functions that check the caller by them. */
  vouched(claims: ScopeClaims, request: RequestDetails): Scope['transaction']
  /** The same for a single call: one network flight. */
  vouchedWrite(claims: ScopeClaims, request: RequestDetails): Scope['write']
  /** For the login role itself, without a caller: the worker's way. */
  readonly own: Scope
  /** Milliseconds for one round trip. */
  ping(): Promise<number>
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** May carry settings of its own in `options`, the key of an embedded vault for one. */
  url: string
  maxConnections: number
  /** HMAC key of the scope; the worker has none and never opens a scope. */
  scopeKey?: Buffer
  onConnectionError(error: Error): void
}

type Send = (config: pg.QueryConfig, values?: unknown[]) => Promise<pg.QueryResult>

export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    ...withSessionSettings(options.url),
    max: options.maxConnections,
    query_timeout: 15_000,
    connectionTimeoutMillis: 5000,
    // A new connection costs the server more than ten requests on one that knows tables and statements.
    idleTimeoutMillis: 60_000,
    application_name: 'studios',
    onConnect: nameStatements,
  })
  // The pool listens to idle connections only; one that is lost while in use would end the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => {
    client.on('error', options.onConnectionError)
    watchSettings(client)
  })
  // A verified caller is one object for as long as the token lives.
  const signatures = new WeakMap<ScopeClaims, string>()
  const sign = (claims: ScopeClaims) => {
    if (!options.scopeKey) throw new Error('This process holds no scope key, so it cannot act for a caller.')
    const signed = signatures.get(claims) ?? signClaims(claims, options.scopeKey)
    signatures.set(claims, signed)
    return signed
  }
  return {
    scope: (claims, request) => {
      const preamble = scopePreamble(sign(claims), request)
      return {
        read: (work) => runAlone(pool, [preamble], work),
        write: (work) => runAlone(pool, [preamble], work, commitInDoubt),
        transaction: (work) => runTransaction(pool, [beginPreamble, preamble], work),
      }
    },
    vouched: (claims, request) => (work) =>
      runTransaction(pool, [beginPreamble, vouchedPreamble(sign(claims), request)], work),
    vouchedWrite: (claims, request) => (work) =>
      runAlone(pool, [vouchedPreamble(sign(claims), request)], work, commitInDoubt),
    own: {
      read: (work) => runAlone(pool, [], work),
      write: (work) => runAlone(pool, [], work, commitInDoubt),
      transaction: (work) => runTransaction(pool, [beginPreamble], work),
    },
    ping: async () => {
      const startedAt = performance.now()
      await pool.query('select 1').catch(databaseFault)
      return performance.now() - startedAt
    },
    close: () => pool.end(),
  }
}

const sessionSettings =
  '-c search_path=public,pg_temp -c statement_timeout=8000 -c idle_in_transaction_session_timeout=15000 -c timezone=UTC'

// What an address says in `options` would take the place of our own settings.
function withSessionSettings(address: string): { connectionString: string; options: string } {
  const url = URL.parse(address)
  const own = url?.searchParams.get('options')
  if (!url || !own) return { connectionString: address, options: sessionSettings }
  url.searchParams.delete('options')
  return { connectionString: url.href, options: `${own} ${sessionSettings}` }
}

function runAlone<T>(
  pool: pg.Pool,
  preambles: Preambles,
  work: (tx: Tx) => Promise<T>,
  unanswered = databaseFault,
): Promise<T> {
  return work(
    onSend(async (config, values) => {
      const client = await pool.connect().catch(noConnection)
      const connection = new UsedConnection(client)
      try {
        return await connection.send(preambles, config, values, unanswered)
      } finally {
        connection.release()
      }
    }),
  ).catch(rethrowBare)
}

async function runTransaction<T>(pool: pg.Pool, preambles: Preambles, work: (tx: Tx) => Promise<T>): Promise<T> {
  const connection = new UsedConnection(await pool.connect().catch(noConnection))
  let isOpen = false
  const send: Send = (config, values) => {
    const ahead = isOpen ? [] : preambles
    isOpen = true
    return connection.send(ahead, config, values)
  }
  try {
    const result = await work(onSend(send))
    if (isOpen) await connection.commit()
    return result
  } catch (error) {
    if (isOpen) await connection.rollback()
    return rethrowBare(error)
  } finally {
    connection.release()
  }
}

// Drizzle wraps what the driver throws into an error whose text holds the SQL and its parameters.
function rethrowBare(error: unknown): never {
  throw error instanceof DrizzleQueryError ? error.cause : error
}

// One for all: it keeps the names of columns.
const dialect = new PgDialect()

function onSend(send: Send): Tx {
  const session = new NodePgSession({ query: send } as unknown as pg.Pool, dialect, undefined)
  return new NodePgDatabase(dialect, session, undefined)
}
