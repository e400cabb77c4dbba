import { DrizzleQueryError } from 'drizzle-orm'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { commitInDoubt, databaseFault, noConnection } from './errors.ts'
import {
  beginPreamble,
  type RequestDetails,
  type ScopeClaims,
  ScopedQuery,
  scopePreamble,
  sendScoped,
  signClaims,
} from './scope.ts'
import { StatementNames } from './statement-names.ts'

/** What queries run on. It is the same for scoped requests and for the worker; nesting transactions is not offered. */
export type Tx = Omit<NodePgDatabase, 'transaction' | '$client'>

/** Runs queries for one caller. */
export interface Scope {
  /** For reads: each query goes out as one network flight and is a transaction of its own. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** All queries of `work` in one transaction; it commits when `work` resolves and rolls back when it rejects. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
}

export interface Database {
  scope(claims: ScopeClaims, request: RequestDetails): Scope
  /** For the login role itself, without a caller: the worker's way. */
  readonly own: Scope
  /** Milliseconds for one round trip. */
  ping(): Promise<number>
  close(): Promise<void>
}

export interface DatabaseOptions {
  url: string
  maxConnections: number
  /** HMAC key of the scope; the worker has none and never opens a scope. */
  scopeKey?: Buffer
  onConnectionError(error: Error): void
}

type Send = (config: pg.QueryConfig, values?: unknown[]) => Promise<pg.QueryResult>

export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections,
    options:
      '-c search_path=public,pg_temp -c statement_timeout=8000 -c idle_in_transaction_session_timeout=15000 -c timezone=UTC',
    query_timeout: 15_000,
    connectionTimeoutMillis: 5000,
    application_name: 'studios',
    onConnect: nameStatements,
  })
  // The pool listens to idle connections only; one that is lost while in use would end the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => {
    client.on('error', options.onConnectionError)
    client.connection.on('parameterStatus', () => altered.add(client))
  })
  // A verified caller is one object for as long as the token lives.
  const signatures = new WeakMap<ScopeClaims, string>()
  return {
    scope: (claims, request) => {
      if (!options.scopeKey) throw new Error('This process holds no scope key, so it cannot act for a caller.')
      const signed = signatures.get(claims) ?? signClaims(claims, options.scopeKey)
      signatures.set(claims, signed)
      const preamble = scopePreamble(signed, request)
      return {
        read: (work) => runRead(pool, [preamble], work),
        transaction: (work) => runTransaction(pool, [beginPreamble, preamble], work),
      }
    },
    own: {
      read: (work) => runRead(pool, [], work),
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

type Preambles = ConstructorParameters<typeof ScopedQuery>[0]
type ScopedStatement = [preambles: Preambles, config: pg.QueryConfig, values: unknown[] | undefined]

// A prepared statement is gone (26000), taken (42P05) or has another result after a migration (0A000).
const isStale = /^(26000|42P05|0A000)$/

const statementNames = new WeakMap<pg.ClientBase, StatementNames>()

// Statements are kept only where SQL on the connection cannot list them and so find out their names.
async function nameStatements(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ canList: boolean }>(
    `select has_function_privilege('pg_catalog.pg_prepared_statement()', 'execute') as "canList"`,
  )
  if (rows[0]?.canList === false) statementNames.set(client, new StatementNames())
}

function runRead<T>(pool: pg.Pool, preambles: Preambles, work: (tx: Tx) => Promise<T>): Promise<T> {
  return work(
    onSend(async (config, values) => {
      const client = await pool.connect().catch(noConnection)
      const connection = new UsedConnection(client)
      try {
        return await connection.send(preambles, config, values)
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

// Connections on which a statement changed, for the session, a setting that the server reports because it alters the
// meaning of what is sent: encoding, date style, time zone, read-only.
const altered = new WeakSet<pg.ClientBase>()

/** A connection on loan. It goes back to the pool only as it was lent, idle and outside any transaction; otherwise it is thrown away. */
class UsedConnection {
  readonly #client: pg.PoolClient
  #isBroken = false

  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  async send(...[preambles, config, values]: ScopedStatement): Promise<pg.QueryResult> {
    const names = statementNames.get(this.#client)
    const query = new ScopedQuery(preambles, config, values, names)
    try {
      const result = await sendScoped(this.#client, query)
      names?.keep(query.texts)
      return result
    } catch (error) {
      names?.forget(query.texts)
      return this.#fail(error)
    }
  }

  // PostgreSQL answers the commit of a failed transaction with a rollback, not with an error.
  async commit(): Promise<void> {
    const { command } = await this.#client.query('commit').catch((error) => this.#fail(error, commitInDoubt))
    if (command !== 'COMMIT')
      throw new Error('The transaction had failed and was rolled back; an error in it was swallowed.')
  }

  async rollback(): Promise<void> {
    if (!this.#isBroken) await this.#client.query('rollback').catch(() => undefined)
  }

  release(): void {
    const isWorn = statementNames.get(this.#client)?.isWorn ?? false
    const isIdle = this.#client.getTransactionStatus() === 'I'
    this.#client.release(this.#isBroken || !isIdle || isWorn || altered.has(this.#client))
  }

  // Anything but the server's own answer, a time-out for one, leaves the connection in an unknown state; a fatal answer ends it.
  #fail(error: unknown, unanswered = databaseFault): never {
    const isAnswer = error instanceof pg.DatabaseError && error.severity === 'ERROR' && !isStale.test(error.code ?? '')
    if (isAnswer) return databaseFault(error)
    this.#isBroken = true
    return unanswered(error)
  }
}

// Drizzle wraps what the driver throws into an error whose text holds the SQL and its parameters.
function rethrowBare(error: unknown): never {
  throw error instanceof DrizzleQueryError ? error.cause : error
}

function onSend(send: Send): Tx {
  return drizzle({ client: { query: send } as unknown as pg.Pool })
}
