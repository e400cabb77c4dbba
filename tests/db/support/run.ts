import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import type { Database, Tx } from '../../../src/db/client.ts'
import type { ScopeClaims } from '../../../src/db/scope.ts'

export type Row = Record<string, unknown>

/** Anything that runs SQL: a connection, a transaction, or the scope of a caller. */
export type Run = (text: string, values?: unknown[]) => Promise<Row[]>

export function runOn(client: pg.ClientBase): Run {
  return async (text, values = []) => (await client.query<Row>(text, values)).rows
}

/** Whatever SQL inside a transaction that the API opened. */
export function runIn(tx: Tx): Run {
  return async (text, values = []) => {
    const parts = text.split(/\$(\d+)/).map((part, index) => (index % 2 ? parameter(values, part) : sql.raw(part)))
    return (await tx.execute(sql.join(parts))).rows
  }
}

const parameter = (values: unknown[], position: string) => sql`${sql.param(values[Number(position) - 1])}`

/** Whatever SQL a caller sends through the API's own scope, each statement a request of its own. */
export function runAs(database: Database, claims: ScopeClaims, requestId: string = randomUUID()): Run {
  const scope = database.scope(claims, { id: requestId, ip: '192.0.2.1', agent: 'tests' })
  return (text, values) => scope.read((tx) => runIn(tx)(text, values))
}

/** The same, with all statements of `work` in one transaction. */
export function transactAs<T>(database: Database, claims: ScopeClaims, work: (run: Run) => Promise<T>): Promise<T> {
  const scope = database.scope(claims, { id: randomUUID(), ip: '192.0.2.1', agent: 'tests' })
  return scope.transaction((tx) => work(runIn(tx)))
}

/** Inserts a row of these columns and gives it as the database has it. */
export async function insertRow(run: Run, table: string, fields: Row): Promise<Row> {
  const places = Object.keys(fields).map((_, index) => `$${index + 1}`)
  const columns = Object.keys(fields).join(', ')
  const [row] = await run(`insert into ${table} (${columns}) values (${places}) returning *`, Object.values(fields))
  return row ?? {}
}

/** SQLSTATE, and what the server said, of a statement that it refused; undefined when it went through. */
export async function refusalOf(statement: Promise<unknown>): Promise<{ state: string; text: string } | undefined> {
  try {
    await statement
    return undefined
  } catch (error) {
    const fault = error instanceof Error && error.cause instanceof pg.DatabaseError ? error.cause : error
    if (!(fault instanceof pg.DatabaseError)) throw error
    const { code = '', message, detail, hint, where } = fault
    return { state: code, text: [message, detail, hint, where].filter(Boolean).join('\n') }
  }
}
