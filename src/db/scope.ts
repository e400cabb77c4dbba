import { createHmac } from 'node:crypto'
import type { Connection, QueryConfig } from 'pg'
import pg from 'pg'
import type { StatementNames } from './statement-names.ts'

/** For whom a statement runs. The session is looked up in the database each time, so logging out ends it at once. */
export interface ScopeClaims {
  userId: string
  sessionId: string
  /** Seconds since 1970; the claims prove nothing afterwards. */
  expiresAt: number
}

/** What the audit rows say of the request. */
export interface RequestDetails {
  id: string
  ip: string
  agent: string
}

/** Makes the text of `app.claims`: user|session|expiry|HMAC-SHA256. Only the database and the API know the key. */
export function signClaims(claims: ScopeClaims, key: Buffer): string {
  const text = `${claims.userId}|${claims.sessionId}|${claims.expiresAt}`
  return `${text}|${createHmac('sha256', key).update(text).digest('hex')}`
}

/** The two padded halves of an HMAC-SHA256 key (RFC 2104), as `app.scope_keys` holds them. */
export function paddedKeys(key: Buffer): { inner: Buffer; outer: Buffer } {
  const block = Buffer.alloc(64)
  key.copy(block)
  return { inner: Buffer.from(block.map((byte) => byte ^ 0x36)), outer: Buffer.from(block.map((byte) => byte ^ 0x5c)) }
}

// PostgreSQL looks into pg_temp first unless told where: temporary tables left behind must not stand in for ours.
const scopeStatement = `select set_config('search_path', 'public,pg_temp', true), set_config('role', 'authenticated', true),
  set_config('app.claims', $1, true), set_config('app.request', $2, true)`

const vouchedStatement = `select set_config('search_path', 'public,pg_temp', true),
  set_config('app.claims', $1, true), set_config('app.request', $2, true)`

interface Preamble {
  text: string
  values: string[]
}

/** The statements that put a transaction into its scope. */
export function scopePreamble(signedClaims: string, request: RequestDetails): Preamble {
  return { text: scopeStatement, values: [signedClaims, JSON.stringify(request)] }
}

/** The same for functions that run under the login role itself and check the caller by the claims. */
export function vouchedPreamble(signedClaims: string, request: RequestDetails): Preamble {
  return { text: vouchedStatement, values: [signedClaims, JSON.stringify(request)] }
}

export const beginPreamble: Preamble = { text: 'begin', values: [] }

/** The protocol calls of a `pg` connection that a query sends (its types leave them out). */
interface Wire {
  /** By name; what stands here is bound without being parsed. */
  readonly parsedStatements: Record<string, string>
  parse(message: { text: string; name: string; types: number[] }): void
  bind(message: { portal: string; statement: string; values: string[] }): void
  execute(message: { portal: string; rows?: number }): void
}

interface QueryInternals {
  prepare(connection: Wire): void
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, connection: Wire): void
}

const Query = pg.Query as unknown as new (
  config: QueryConfig,
  values?: unknown[],
) => QueryInternals & {
  name: string
  text: string
  callback: (error: Error | null, result: pg.QueryArrayResult) => void
}

/**
 * A query whose preamble goes out in front of it, under one Sync: one network flight, and without `begin` one implicit
 * transaction, which ends with the answer and takes the scope along (PostgreSQL, "Extended Query", pipelining).
 * Without `names` its statements are unnamed; either way nothing that SQL left behind can take their place.
 */
export class ScopedQuery extends Query {
  #awaitedPreambles: number
  readonly #preambles: Preamble[]
  readonly #names: StatementNames | undefined

  constructor(preambles: Preamble[], config: QueryConfig, values: unknown[] | undefined, names?: StatementNames) {
    // Without values `pg` would use the simple protocol, which takes no preamble.
    super({ ...config, queryMode: 'extended' } as QueryConfig, values ?? [])
    this.#preambles = preambles
    this.#awaitedPreambles = preambles.length
    this.#names = names
    if (names) this.name = names.nameOf(this.text)
  }

  /** Every statement that this query brings to the server. */
  get texts(): string[] {
    return [...this.#preambles.map(({ text }) => text), this.text]
  }

  override prepare(connection: Wire): void {
    for (const { text, values } of this.#preambles) {
      const name = this.#names?.nameOf(text) ?? ''
      if (name === '' || !this.#names?.isPrepared(name)) connection.parse({ text, name, types: [] })
      connection.bind({ portal: '', statement: name, values })
      connection.execute({ portal: '' })
    }
    // One text may have gone out ahead of another query before it became a query of its own.
    if (this.#names?.isPrepared(this.name)) connection.parsedStatements[this.name] = this.text
    super.prepare(connection)
  }

  override handleDataRow(message: unknown): void {
    if (this.#awaitedPreambles === 0) super.handleDataRow(message)
  }

  override handleCommandComplete(message: unknown, connection: Wire): void {
    if (this.#awaitedPreambles > 0) this.#awaitedPreambles -= 1
    else super.handleCommandComplete(message, connection)
  }
}

/** Sends a query behind its preamble on a connection that nobody else uses meanwhile. */
export function sendScoped(client: pg.ClientBase, query: ScopedQuery): Promise<pg.QueryArrayResult> {
  return new Promise((done, fail) => {
    query.callback = (error, result) => (error ? fail(error) : done(result))
    client.query(query as unknown as pg.Submittable & Connection)
  })
}
