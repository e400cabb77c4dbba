import pg from 'pg'
import { commitInDoubt, databaseFault } from './errors.ts'
import { ScopedQuery, sendScoped } from './scope.ts'
import { StatementNames } from './statement-names.ts'

export type Preambles = ConstructorParameters<typeof ScopedQuery>[0]
type Unanswered = (error: unknown) => never
type ScopedStatement = [
  preambles: Preambles,
  config: pg.QueryConfig,
  values: unknown[] | undefined,
  unanswered?: Unanswered,
]

// A prepared statement is gone (26000), taken (42P05) or has another result after a migration (0A000).
const isStale = /^(26000|42P05|0A000)$/

const statementNames = new WeakMap<pg.ClientBase, StatementNames>()

/** Statements are kept only where SQL on the connection cannot list them and so find out their names. */
export async function nameStatements(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ canList: boolean }>(
    `select has_function_privilege('pg_catalog.pg_prepared_statement()', 'execute') as "canList"`,
  )
  if (rows[0]?.canList === false) statementNames.set(client, new StatementNames())
}

// Connections on which a statement changed, for the session, a setting that the server reports because it alters the
// meaning of what is sent: encoding, date style, time zone, read-only.
const altered = new WeakSet<pg.ClientBase>()

/** From now on, a setting that changes for the session costs the connection. */
export function watchSettings(client: pg.PoolClient): void {
  client.connection.on('parameterStatus', () => altered.add(client))
}

/** A connection on loan. It goes back to the pool only as it was lent, idle and outside any transaction; otherwise it is thrown away. */
export class UsedConnection {
  readonly #client: pg.PoolClient
  #isBroken = false

  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  async send(...[preambles, config, values, unanswered]: ScopedStatement): Promise<pg.QueryResult> {
    const names = statementNames.get(this.#client)
    const query = new ScopedQuery(preambles, config, values, names)
    try {
      const result = await sendScoped(this.#client, query)
      names?.keep(query.texts)
      return result
    } catch (error) {
      names?.forget(query.texts)
      return this.#fail(error, unanswered)
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
  #fail(error: unknown, unanswered: Unanswered = databaseFault): never {
    const isAnswer = error instanceof pg.DatabaseError && error.severity === 'ERROR'
    this.#isBroken = !isAnswer || isStale.test(error.code ?? '')
    return isAnswer ? databaseFault(error) : unanswered(error)
  }
}
