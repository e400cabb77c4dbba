import { readFile } from 'node:fs/promises'
import pg from 'pg'

interface BootstrapOptions {
  /** Under which the vault's secrets are encrypted: at least 32 characters of chance, kept outside the database. */
  vaultKey: string
  /** Lets `supabase_auth_admin` log in, so that Auth need not connect as the superuser. */
  authPassword?: string
  /** Lets `supabase_storage_admin` log in, so that Storage need not connect as the superuser. */
  storagePassword?: string
}

const parts = ['schemas', 'auth-tables', 'auth-functions', 'storage-tables', 'vault', 'hardening']

/**
 * Creates in a database what Supabase owns there: roles, the schemas auth, extensions, storage and vault, the tables
 * and helpers of auth and storage, the vault's three functions and the realtime publication. May be run again at any time.
 * Throws when the database's secrets are under another vault key.
 */
export async function bootstrapSupabase(superuserDatabaseUrl: string, options: BootstrapOptions): Promise<void> {
  if (options.vaultKey.length < 32) throw new Error('The vault key needs at least 32 characters.')
  const client = new pg.Client({ connectionString: superuserDatabaseUrl })
  await client.connect()
  try {
    await client.query(await sqlOf('roles'))
    await client.query('begin')
    // Two processes that prepare one database take turns.
    await client.query(`select pg_advisory_xact_lock(hashtext('supabase bootstrap'))`)
    for (const part of parts) await client.query(await sqlOf(part))
    await rememberVaultKey(client, options.vaultKey)
    await givePassword(client, 'supabase_auth_admin', options.authPassword)
    await givePassword(client, 'supabase_storage_admin', options.storagePassword)
    await client.query('commit')
  } finally {
    await client.end()
  }
}

/** The address with the vault key in it, for a login role that may use the vault; any PostgreSQL client understands it. */
export function withVaultKey(databaseUrl: string, vaultKey: string): string {
  const url = new URL(databaseUrl)
  url.searchParams.set('options', `-c vault.key=${vaultKey.replace(/[\\ ]/g, '\\$&')}`)
  return url.href.replaceAll('+', '%20')
}

async function givePassword(client: pg.Client, role: string, password: string | undefined): Promise<void> {
  if (password) await client.query(`alter role ${role} password ${pg.escapeLiteral(password)}`)
}

async function rememberVaultKey(client: pg.Client, vaultKey: string): Promise<void> {
  const digest = `extensions.hmac('vault key check', $1, 'sha256')`
  await client.query(`insert into vault.key_check (digest) values (${digest}) on conflict do nothing`, [vaultKey])
  const found = await client.query(`select from vault.key_check where digest = ${digest}`, [vaultKey])
  if (found.rowCount === 0) throw new Error('The secrets in this database are under another vault key.')
}

function sqlOf(part: string): Promise<string> {
  return readFile(new URL(`bootstrap/${part}.sql`, import.meta.url), 'utf8')
}
