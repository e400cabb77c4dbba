import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { z } from 'zod'
import { tables } from './tables.ts'

/** The engine's own database file: one writer, statements prepared once, rows checked as they come out. */
export class Database {
  readonly #connection: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(dataDir: string) {
    mkdirSync(dataDir, { recursive: true })
    this.#connection = new DatabaseSync(join(dataDir, 'engine.sqlite'))
    // The exclusive lock keeps a second engine off the same folder; it ends with the process, however that ends.
    this.#connection.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = normal')
    this.#connection.exec('pragma foreign_keys = on; pragma cache_size = -16000; pragma wal_autocheckpoint = 4000')
    this.#connection.exec(tables)
  }

  all<T>(row: z.ZodType<T>, sql: string, ...params: SQLInputValue[]): T[] {
    return this.#prepare(sql)
      .all(...params)
      .map((found) => row.parse(found))
  }

  one<T>(row: z.ZodType<T>, sql: string, ...params: SQLInputValue[]): T | undefined {
    const found = this.#prepare(sql).get(...params)
    return found === undefined ? undefined : row.parse(found)
  }

  /** Runs a statement and tells how many rows it changed. */
  run(sql: string, ...params: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...params).changes)
  }

  transaction<T>(work: () => T): T {
    this.run('begin immediate')
    try {
      const result = work()
      this.run('commit')
      return result
    } catch (error) {
      this.run('rollback')
      throw error
    }
  }

  close(): void {
    this.#statements.clear()
    this.#connection.close()
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#connection.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}
