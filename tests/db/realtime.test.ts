import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { migrateDown, migrateUp } from '../../src/db/migrations.ts'
import { bootstrapSupabase } from '../../src/embedded/supabase/bootstrap.ts'
import { createDatabase } from '../support/database.ts'

/** A database as Supabase hands it over, with a publication of this kind. */
async function supabaseDatabase(publication: string) {
  const database = await createDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  onTestFinished(async () => {
    await client.end()
    await database.drop()
  })
  await client.query(publication)
  await bootstrapSupabase(database.url, { vaultKey: 'for tests only'.repeat(4) })
  const published = async () => {
    const { rows } = await client.query<{ relname: string }>(
      `select c.relname from pg_publication_rel r join pg_publication p on p.oid = r.prpubid join pg_class c on c.oid = r.prrelid
       where p.pubname = 'supabase_realtime' order by 1`,
    )
    return rows.map(({ relname }) => relname)
  }
  return { url: database.url, published }
}

describe('what Realtime serves', () => {
  test('is runs and their events, from the migrations on, until they are taken back, and again', async () => {
    const { url, published } = await supabaseDatabase('create publication supabase_realtime')
    expect(await published()).toEqual([])
    const names = await migrateUp(url)
    expect(await published()).toEqual(['execution_events', 'workflow_executions'])
    const undone = await migrateDown(url, names.length - names.findIndex((name) => name.startsWith('0007')))
    expect(await published()).toEqual([])
    expect(await migrateUp(url)).toEqual(undone.toReversed())
    expect(await published()).toEqual(['execution_events', 'workflow_executions'])
  })

  test('is left alone where it serves every table anyway', async () => {
    const { url, published } = await supabaseDatabase('create publication supabase_realtime for all tables')
    await migrateUp(url)
    expect(await published()).toEqual([])
  })
})
