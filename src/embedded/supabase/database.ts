import pg from 'pg'
import { fly, isAnswer, type Statement } from './flight.ts'

export interface Queryable {
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

export interface Database extends Queryable {
  /** Commits when `work` returns, rolls back when it throws; what goes `ahead` travels with its first query. */
  transaction<T>(work: (tx: Queryable) => Promise<T>, ahead?: Statement[]): Promise<T>
  /** Each query is a transaction of its own that has this `end`, in one network flight with what goes `ahead` of it. */
  single(ahead: Statement[], end: 'commit' | 'rollback'): Queryable
  close(): Promise<void>
}

/** Connections as `role`, which is the login role of the address or one that it may become. */
export function openDatabase(databaseUrl: string, role: string, onIdleError: (error: Error) => void): Database {
  const connectionString = asRole(databaseUrl, role)
  const times = { connectionTimeoutMillis: 10_000, idleTimeoutMillis: 60_000 }
  const pool = new pg.Pool({ connectionString, max: 8, ...times, pipeline: true })
  pool.on('error', onIdleError)
  return {
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      rowsOf(pool.query<Row & object>(text, [...values])),
    transaction: (work, ahead = []) => inTransaction(pool, ahead, work),
    single: (ahead, end) => ({
      query: (text, values = []) => alone(pool, [begin, ...ahead, { text, values }, { text: end, values: [] }]),
    }),
    close: () => pool.end(),
  }
}

const begin: Statement = { text: 'begin', values: [] }

async function inTransaction<T>(pool: pg.Pool, ahead: Statement[], work: (tx: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let waiting = [begin, ...ahead]
  let broken: Error | undefined
  const query = async <Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> => {
    const flight = [...waiting, { text, values }]
    waiting = []
    return (await fly(client, flight)).at(-1)?.rows ?? []
  }
  try {
    const result = await work({ query })
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((cause: Error) => {
      broken = cause
    })
    throw error
  } finally {
    client.release(broken)
  }
}

async function alone<Row>(pool: pg.Pool, flight: Statement[]): Promise<Row[]> {
  const client = await pool.connect()
  let isBroken = false
  try {
    return (await fly(client, flight)).at(-2)?.rows ?? []
  } catch (error) {
    isBroken = !isAnswer(error)
    throw error
  } finally {
    client.release(isBroken)
  }
}

async function rowsOf<Row>(result: Promise<{ rows: Row[] }>): Promise<Row[]> {
  return (await result).rows
}

// A service needs its own tables and nothing else, whoever it logs in as.
function asRole(databaseUrl: string, role: string): string {
  const url = new URL(databaseUrl)
  const given = url.searchParams.get('options') ?? ''
  const own = `-c role=${role} -c statement_timeout=10s -c lock_timeout=5s`
  url.searchParams.set('options', `${given} ${own}`.trim())
  return url.href.replaceAll('+', '%20')
}

/** The SQLSTATE of a database error, and '' for all other errors. */
export function sqlState(error: unknown): string {
  return error instanceof pg.DatabaseError ? (error.code ?? '') : ''
}

/** The constraint that a database error is about, and '' for all other errors. */
export function violatedConstraint(error: unknown): string {
  return error instanceof pg.DatabaseError ? (error.constraint ?? '') : ''
}
