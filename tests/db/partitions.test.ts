import { describe, expect } from 'vitest'
import { test } from './support/clone.ts'

describe('the partitions of coming months', () => {
  test('are made around a month of which the default partition holds rows already', async ({ clone }) => {
    const { owner } = clone
    await owner.query(`insert into audit_logs (actor, action, resource_type, created_at)
      values ('operator', 'test', 'test', date_trunc('month', now() at time zone 'utc') + interval '6 months 1 day')`)
    await owner.query(`select app.create_month_partitions('audit_logs', 8)`)
    const { rows } = await owner.query(`select i.inhrelid::regclass::text as name from pg_inherits i
      where i.inhparent = 'audit_logs'::regclass`)
    const monthly = rows.filter(({ name }) => /_\d{4}_\d{2}$/.test(name))
    expect(monthly).toHaveLength(8)
    const kept = await owner.query(`select count(*)::int as rows from audit_logs_default where action = 'test'`)
    expect(kept.rows).toEqual([{ rows: 1 }])
  })
})
