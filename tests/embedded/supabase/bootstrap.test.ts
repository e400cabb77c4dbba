import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bootstrapSupabase, withVaultKey } from '../../../src/embedded/supabase/bootstrap.ts'
import { createDatabase, type TestDatabase } from '../../support/database.ts'

const vaultKey = randomBytes(32).toString('base64')
const loginPassword = randomBytes(16).toString('hex')
const loginRole = `login_${randomBytes(4).toString('hex')}`

describe('bootstrapSupabase', () => {
  let database: TestDatabase
  let owner: pg.Client
  let plain: pg.Client

  beforeAll(async () => {
    database = await createDatabase()
    await Promise.all([bootstrapSupabase(database.url, { vaultKey }), bootstrapSupabase(database.url, { vaultKey })])
    owner = await connect(withVaultKey(database.url, vaultKey))
    await owner.query(`create role ${loginRole} login noinherit password '${loginPassword}'`)
    await owner.query(`grant anon, authenticated to ${loginRole}`)
    plain = await connect(asLogin(database.url))
  })

  afterAll(async () => {
    await plain.end()
    await owner.query(`drop owned by ${loginRole}; drop role ${loginRole}`)
    await owner.end()
    await database.drop()
  })

  test('several databases of one cluster are prepared at the same time', async () => {
    const databases = await Promise.all([createDatabase(), createDatabase(), createDatabase()])
    await Promise.all(databases.map((other) => bootstrapSupabase(other.url, { vaultKey })))
    await Promise.all(databases.map((other) => other.drop()))
  })

  test('the roles have the powers they have on Supabase and no more', async () => {
    const logins = ['authenticator', 'supabase_auth_admin', 'supabase_storage_admin']
    const names = ['anon', 'authenticated', 'service_role', ...logins]
    const found = await owner.query(
      `select rolname, rolcanlogin, rolinherit, rolbypassrls, rolsuper, rolcreaterole, rolcreatedb
       from pg_roles where rolname = any ($1) order by rolname`,
      [names],
    )
    const ordinary = { rolinherit: false, rolsuper: false, rolcreaterole: false, rolcreatedb: false }
    expect(found.rows).toEqual([
      { ...ordinary, rolname: 'anon', rolcanlogin: false, rolbypassrls: false },
      { ...ordinary, rolname: 'authenticated', rolcanlogin: false, rolbypassrls: false },
      { ...ordinary, rolname: 'authenticator', rolcanlogin: true, rolbypassrls: false },
      { ...ordinary, rolname: 'service_role', rolcanlogin: false, rolbypassrls: true },
      { ...ordinary, rolname: 'supabase_auth_admin', rolcanlogin: true, rolbypassrls: false },
      { ...ordinary, rolname: 'supabase_storage_admin', rolcanlogin: true, rolbypassrls: false },
    ])
    const members = await owner.query(
      `select login.rolname as login, array_agg(role.rolname::text order by role.rolname) as roles
       from pg_auth_members m join pg_roles login on login.oid = m.member join pg_roles role on role.oid = m.roleid
       where login.rolname = any ($1) group by login.rolname order by login.rolname`,
      [logins],
    )
    expect(members.rows).toEqual([
      { login: 'authenticator', roles: ['anon', 'authenticated', 'service_role'] },
      { login: 'supabase_storage_admin', roles: ['anon', 'authenticated', 'service_role'] },
    ])
  })

  test('every storage table belongs to Storage and has row level security', async () => {
    const found = await owner.query(
      `select relname, relrowsecurity, pg_get_userbyid(relowner) as owner from pg_class
       where relnamespace = 'storage'::regnamespace and relkind = 'r' order by relname`,
    )
    const guarded = { relrowsecurity: true, owner: 'supabase_storage_admin' }
    expect(found.rows).toEqual([
      { ...guarded, relname: 'buckets' },
      { ...guarded, relname: 'objects' },
      { ...guarded, relname: 'resumable_uploads' },
    ])
  })

  test('what a database holds, its policies too, stays when it is prepared once more', async () => {
    const other = await createDatabase()
    const client = await connect(other.url)
    // A database from before there were tables for Storage.
    await client.query('create schema storage')
    await bootstrapSupabase(other.url, { vaultKey })
    await client.query(`insert into storage.buckets (id, name) values ('kept', 'kept');
      insert into storage.objects (bucket_id, name, version) values ('kept', 'a/b.txt', 'v');
      create policy "kept" on storage.objects for select to anon using (true)`)
    await bootstrapSupabase(other.url, { vaultKey })
    await client.query('begin; set local role anon')
    const seen = await client.query('select name, path_tokens from storage.objects')
    await client.query('rollback')
    expect(seen.rows).toEqual([{ name: 'a/b.txt', path_tokens: ['a', 'b.txt'] }])
    await client.end()
    await other.drop()
  })

  test('every auth table has row level security', async () => {
    const found = await owner.query(
      `select relname, relrowsecurity from pg_class where relnamespace = 'auth'::regnamespace and relkind = 'r'`,
    )
    expect(found.rows).toHaveLength(8)
    expect(found.rows.every((table) => table.relrowsecurity)).toBe(true)
  })

  test('the claim helpers read the request settings, also when these were emptied', async () => {
    const id = '6f0a3a63-54f5-4c55-9be6-7d9a3d3c6f01'
    const claims = JSON.stringify({ sub: id, role: 'authenticated', email: `o'brien@example.com` })
    await plain.query('begin')
    await plain.query(`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)`, [
      claims,
    ])
    const during = await plain.query('select auth.uid(), auth.role(), auth.email(), auth.jwt() as jwt')
    await plain.query('commit')
    await plain.query('begin; set local role anon')
    const after = await plain.query('select auth.uid(), auth.jwt() as jwt')
    await plain.query('rollback')
    expect(during.rows[0]).toEqual({
      uid: id,
      role: 'authenticated',
      email: `o'brien@example.com`,
      jwt: JSON.parse(claims),
    })
    expect(after.rows[0]).toEqual({ uid: null, jwt: null })
  })

  test('the vault keeps, changes and shows a secret to a session with the key', async () => {
    const made = await owner.query(`select vault.create_secret('s3cret', 'engine', 'first') as id`)
    const id = made.rows[0].id
    expect((await owner.query('select * from vault.decrypted_secrets where id = $1', [id])).rows[0]).toMatchObject({
      name: 'engine',
      description: 'first',
      decrypted_secret: 's3cret',
    })
    await owner.query(`select vault.update_secret($1, 'changed')`, [id])
    const changed = await owner.query('select name, decrypted_secret from vault.decrypted_secrets where id = $1', [id])
    expect(changed.rows[0]).toEqual({ name: 'engine', decrypted_secret: 'changed' })
    await expect(owner.query(`select vault.create_secret('again', 'engine')`)).rejects.toMatchObject({ code: '23505' })
  })

  test('a ciphertext copied into another row does not decrypt', async () => {
    await owner.query(`select vault.create_secret('one', 'copied from'), vault.create_secret('two', 'copied to')`)
    await owner.query(
      `update vault.secrets set secret = (select secret from vault.secrets where name = 'copied from') where name = 'copied to'`,
    )
    const reading = owner.query(`select decrypted_secret from vault.decrypted_secrets where name = 'copied to'`)
    await expect(reading).rejects.toThrow(/Wrong key/)
  })

  test('without the key, or with another, not even a superuser reads a secret', async () => {
    await owner.query(`select vault.create_secret('hidden', 'hidden')`)
    for (const url of [database.url, withVaultKey(database.url, 'another key, just as long as it must')]) {
      const client = await connect(url)
      await expect(client.query('select decrypted_secret from vault.decrypted_secrets')).rejects.toThrow(/vault key/)
      await expect(client.query(`select vault.create_secret('lost')`)).rejects.toThrow(/vault key/)
      await client.end()
    }
  })

  test('a second start with another vault key is refused', async () => {
    const start = bootstrapSupabase(database.url, { vaultKey: 'another key, just as long as it must' })
    await expect(start).rejects.toThrow(/another vault key/)
  })

  test.each([
    'select * from vault.secrets',
    'select * from vault.decrypted_secrets',
    `select vault.create_secret('x')`,
    'select vault.current_key()',
    'select * from auth.users',
    'select * from auth.refresh_tokens',
    'select * from storage.resumable_uploads',
    'select * from pg_stat_activity',
    'select * from pg_stat_get_activity(null)',
    'select pg_stat_get_backend_activity(1)',
    'select * from pg_prepared_statements',
    'select * from pg_db_role_setting',
    'select pg_terminate_backend(1)',
    'select lo_create(0)',
    `select pg_read_file('postgresql.conf')`,
    'create temp table t (a int)',
    'create table public.t (a int)',
    'set role service_role',
  ])('a login role of requests is refused: %s', async (statement) => {
    for (const role of ['none', 'anon', 'authenticated']) {
      await plain.query(`set role ${role}`)
      await expect(plain.query(statement), role).rejects.toMatchObject({ code: '42501' })
      await plain.query('reset role')
    }
  })
})

function asLogin(url: string): string {
  const address = new URL(url)
  address.username = loginRole
  address.password = loginPassword
  return address.href
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  return client
}
