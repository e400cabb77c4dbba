import pg from 'pg'

export interface Queryable {
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

export interface Database extends Queryable {
  /** Commits when `work` returns, rolls back when it throws. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Connections as `role`, which is the login role of the address or one that it may become. */
export function openDatabase(databaseUrl: string, role: string, onIdleError: (error: Error) => void): Database {
  const times = { connectionTimeoutMillis: 10_000, idleTimeoutMillis: 60_000 }
  const pool = new pg.Pool({ connectionString: asRole(databaseUrl, role), max: 8, ...times })
  pool.on('error', onIdleError)
  return {
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      rowsOf(pool.query<Row & object>(text, [...values])),
    transaction: (work) => inTransaction(pool, work),
    close: () => pool.end(),
  }
}

async function inTransaction<T>(pool: pg.Pool, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work({
      query: <Row>(text: string, values: readonly unknown[] = []) =>
        rowsOf(client.query<Row & object>(text, [...values])),
    })
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
