import { expect } from 'vitest'
import type { Database } from '../../../src/db/client.ts'
import type { Clone } from './clone.ts'
import { runIn } from './run.ts'

/** A query that does not end by itself. */
export const slow = 'select pg_sleep(60)'
export type Interruption = 'pg_cancel_backend' | 'pg_terminate_backend'

/** Waits until the query sleeps on the clone, and ends it in another way than by itself. */
export async function interrupt({ owner }: Clone, how: Interruption, query = slow): Promise<void> {
  for (;;) {
    const { rows } = await owner.query(
      `select ${how}(pid) from pg_stat_activity
       where datname = current_database() and query = $1 and state = 'active' and wait_event = 'PgSleep'`,
      [query],
    )
    if (rows.length > 0) return
  }
}

/** What the API's connection is when nobody's scope is on it. */
export async function expectBare(database: Database): Promise<void> {
  const state = `select current_user as role, coalesce(current_setting('app.claims', true), '') as claims,
    coalesce(current_setting('app.request', true), '') as request, current_setting('search_path') as path`
  const [row] = await database.own.read((tx) => runIn(tx)(state))
  expect(row).toEqual({ role: 'studios_api', claims: '', request: '', path: 'public,pg_temp' })
}
