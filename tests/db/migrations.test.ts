import pg from 'pg'
import { describe, expect } from 'vitest'
import { migrateDown, migrateUp, migrationStatus } from '../../src/db/migrations.ts'
import { bootstrapSupabase } from '../../src/embedded/supabase/bootstrap.ts'
import { createDatabase } from '../support/database.ts'
import { catalogOf } from './support/catalog.ts'
import { runOn } from './support/run.ts'
import { test as base, tablesIn } from './support/two-companies.ts'

/** `test` with an `empty` database that has what Supabase makes and nothing of ours. */
const test = base.extend(
  'empty', // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures wanted from the pattern
  async ({}, { onCleanup }) => {
    const database = await createDatabase()
    await bootstrapSupabase(database.url, { vaultKey: 'for tests only'.repeat(4) })
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    onCleanup(async () => {
      await client.end()
      await database.drop()
    })
    return { url: database.url, run: runOn(client) }
  },
)

const names = [
  '0000_lay_foundation.sql',
  '0001_create_core_tables.sql',
  '0002_guard_tenancy.sql',
  '0003_guard_state_moves.sql',
  '0004_record_changes.sql',
  '0005_seed_plans.sql',
  '0006_add_follow_ups_effects_schedules_and_bulk.sql',
  '0007_dispatch_and_explain_runs.sql',
  '0008_apply_effects.sql',
  '0009_guard_schedules.sql',
  '0010_carry_out_bulk_work_and_group_causes.sql',
  '0011_keep_engine_secrets.sql',
  '0012_order_events_and_wake_watchers.sql',
  '0013_keep_files.sql',
  '0014_guard_files.sql',
  '0015_settle_uploads.sql',
  '0016_organise_files.sql',
  '0017_open_shared_links.sql',
  '0018_use_files_in_runs.sql',
  '0019_accept_runs_in_one_statement.sql',
  '0020_send_attempts_once_marked.sql',
  '0021_end_runs_in_one_statement.sql',
  '0022_settle_versions_and_late_bytes.sql',
  '0023_spend_less_on_each_run.sql',
  '0024_move_files_in_fewer_statements.sql',
  '0025_settle_holds_and_keys.sql',
  '0026_keep_links_short_and_private_files_unseen.sql',
  '0027_bound_uploads_under_way.sql',
  '0028_hide_sensitive_numbers.sql',
]

describe('migrations', () => {
  test('go down to nothing and up to the same again, with rows in every table', async ({
    clone,
    owner,
    companies,
    empty,
  }) => {
    for (const table of await tablesIn(owner))
      expect(await owner(`select from ${table} limit 1`), table).toHaveLength(1)
    const before = await catalogOf(owner)
    const logins = `select oid from pg_roles where rolname in ('studios_api', 'studios_worker') order by rolname`
    const loginsBefore = await owner(logins)
    expect(await migrateDown(clone.ownerUrl, 100)).toEqual(names.toReversed())
    expect(await owner(logins), 'the template database uses the login roles, too').toEqual(loginsBefore)
    expect(await catalogOf(owner)).toEqual(await catalogOf(empty.run))
    expect(await migrateUp(clone.ownerUrl)).toEqual(names)
    expect(await catalogOf(owner)).toEqual(before)
    const people = await owner('select id from user_profiles where id = $1', [companies.ours.admin.userId])
    expect(people).toHaveLength(1)
  })

  test('go down one at a time and any number at once, each time up to the same again', async ({ empty }) => {
    await migrateUp(empty.url)
    const whole = await catalogOf(empty.run)
    for (let kept = names.length - 1; kept >= 0; kept -= 1) {
      const before = await catalogOf(empty.run)
      expect(await migrateDown(empty.url, 1)).toEqual([names[kept]])
      const below = await catalogOf(empty.run)
      expect(await migrateUp(empty.url, 1)).toEqual([names[kept]])
      expect(await catalogOf(empty.run), names[kept]).toEqual(before)
      await migrateDown(empty.url, 1)
      expect(await catalogOf(empty.run), names[kept]).toEqual(below)
      const state = await migrationStatus(empty.url)
      expect(state.map(({ appliedAt }) => appliedAt !== null)).toEqual(names.map((_, place) => place < kept))
    }
    expect(await migrateUp(empty.url)).toEqual(names)
    expect(await catalogOf(empty.run)).toEqual(whole)
    expect(await migrateDown(empty.url, 9)).toEqual(names.slice(-9).toReversed())
    expect(await migrateUp(empty.url)).toEqual(names.slice(-9))
    expect(await catalogOf(empty.run)).toEqual(whole)
  }, 90_000)

  test('that fail are taken back whole, and go on from there once the cause is gone', async ({ empty }) => {
    await empty.run('create table plans (in_the_way int)')
    await expect(migrateUp(empty.url)).rejects.toThrow(
      /^Migration 0001_create_core_tables.sql failed and was taken back: .*plans/,
    )
    expect(await empty.run(`select to_regclass('public.audit_logs') as it`)).toEqual([{ it: null }])
    expect((await migrationStatus(empty.url)).filter(({ appliedAt }) => appliedAt)).toHaveLength(1)
    await empty.run('drop table plans')
    expect(await migrateUp(empty.url)).toEqual(names.slice(1))
  })

  test('that were changed after they had been applied, or that nobody knows, stop the next ones', async ({ empty }) => {
    await migrateUp(empty.url)
    expect(await migrateUp(empty.url)).toEqual([])
    await empty.run(`insert into migrations.applied values ('9999_from_the_future.sql', 'x')`)
    await expect(migrateUp(empty.url)).rejects.toThrow('9999_from_the_future.sql, which this version does not know')
    await empty.run(`update migrations.applied set checksum = 'x' where name = '${names[2]}'`)
    await expect(migrateUp(empty.url)).rejects.toThrow(`The migration ${names[2]} was changed`)
  })

  test('asked for by several at once are applied once, by one after the other', async ({ empty }) => {
    const done = await Promise.all([migrateUp(empty.url), migrateUp(empty.url), migrateUp(empty.url)])
    expect(done.flat()).toEqual(names)
    const half = Math.ceil(names.length / 2)
    const undone = await Promise.all([migrateDown(empty.url, half), migrateDown(empty.url, half)])
    expect(new Set(undone.flat())).toEqual(new Set(names))
  })
})
