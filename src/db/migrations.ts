import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { paddedKeys } from './scope.ts'

const folder = fileURLToPath(new URL('../../drizzle', import.meta.url))
const namePattern = /^\d{4}_\w+\.sql$/

export interface Migration {
  name: string
  appliedAt: string | null
}

interface AppliedRow {
  name: string
  checksum: string
  applied_at: Date
}

/** Applies the migrations that are missing, all or the next `steps`, each in a transaction of its own. Gives their names. */
export function migrateUp(ownerUrl: string, steps?: number): Promise<string[]> {
  return withLock(ownerUrl, async (client) => {
    const applied = await appliedRows(client)
    refuseChanged(applied)
    const missing = migrationNames()
      .filter((name) => !applied.some((row) => row.name === name))
      .slice(0, steps)
    for (const name of missing) {
      const sql = readMigration(name)
      const note = ['insert into migrations.applied (name, checksum) values ($1, $2)', [name, checksum(sql)]] as const
      await inTransaction(client, name, sql, note)
    }
    return missing
  })
}

/** Takes back the newest `steps` migrations, newest first. Gives their names. */
export function migrateDown(ownerUrl: string, steps: number): Promise<string[]> {
  return withLock(ownerUrl, async (client) => {
    const newestFirst = (await appliedRows(client)).map((row) => row.name).reverse()
    const undone = newestFirst.slice(0, steps)
    for (const name of undone) {
      const note = ['delete from migrations.applied where name = $1', [name]] as const
      await inTransaction(client, `down/${name}`, readMigration(join('down', name)), note)
    }
    return undone
  })
}

/** Every migration known here, and when it was applied. */
export function migrationStatus(ownerUrl: string): Promise<Migration[]> {
  return withLock(ownerUrl, async (client) => {
    const applied = await appliedRows(client)
    return migrationNames().map((name) => ({
      name,
      appliedAt: applied.find((row) => row.name === name)?.applied_at.toISOString() ?? null,
    }))
  })
}

export interface Secrets {
  scopeKey: Buffer
  apiPassword?: string
  workerPassword?: string
}

/** Gives the database the key that callers' claims are signed with, and the login roles their passwords. */
export function installSecrets(ownerUrl: string, secrets: Secrets): Promise<void> {
  return withLock(ownerUrl, async (client) => {
    const { inner, outer } = paddedKeys(secrets.scopeKey)
    await client.query(
      `insert into app.scope_keys (inner_key, outer_key) values ($1, $2)
       on conflict (only_row) do update set inner_key = excluded.inner_key, outer_key = excluded.outer_key`,
      [inner, outer],
    )
    const passwords = { studios_api: secrets.apiPassword, studios_worker: secrets.workerPassword }
    for (const [role, password] of Object.entries(passwords)) {
      // A login role may change its own password and defaults; each start puts them back.
      await client.query(`alter role ${role} reset all`)
      if (password) await client.query(`alter role ${role} password ${pg.escapeLiteral(password)}`)
    }
  })
}

async function withLock<T>(ownerUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: ownerUrl,
    connectionTimeoutMillis: 10_000,
    application_name: 'studios-migrations',
  })
  await client.connect()
  try {
    await client.query("select pg_advisory_lock(hashtext('studios.migrations'))")
    await client.query(`create schema if not exists migrations;
      create table if not exists migrations.applied (
        name text primary key, checksum text not null, applied_at timestamptz not null default now())`)
    return await work(client)
  } finally {
    await client.end()
  }
}

async function inTransaction(
  client: pg.Client,
  name: string,
  sql: string,
  [note, values]: readonly [string, readonly string[]],
) {
  try {
    await client.query('begin')
    await client.query(sql)
    await client.query(note, [...values])
    await client.query('commit')
  } catch (cause) {
    await client.query('rollback').catch(() => undefined)
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`Migration ${name} failed and was taken back: ${reason}`, { cause })
  }
}

async function appliedRows(client: pg.Client): Promise<AppliedRow[]> {
  const { rows } = await client.query<AppliedRow>(
    'select name, checksum, applied_at from migrations.applied order by name',
  )
  return rows
}

function migrationNames(): string[] {
  return readdirSync(folder)
    .filter((name) => namePattern.test(name))
    .sort()
}

const readMigration = (name: string) => readFileSync(join(folder, name), 'utf8')
const checksum = (sql: string) => createHash('sha256').update(sql).digest('hex')

function refuseChanged(applied: AppliedRow[]): void {
  const known = new Set(migrationNames())
  for (const row of applied) {
    if (!known.has(row.name))
      throw new Error(
        `The database has the migration ${row.name}, which this version does not know; use a newer version.`,
      )
    if (checksum(readMigration(row.name)) !== row.checksum) {
      throw new Error(
        `The migration ${row.name} was changed after it had been applied; put it back and write a new one.`,
      )
    }
  }
}
