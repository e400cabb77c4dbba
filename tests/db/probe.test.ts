import { describe, expect } from 'vitest'
import { test } from './support/clone.ts'
import { runOn, transactAs } from './support/run.ts'
import { furnish } from './support/tenant.ts'

describe('probe', () => {
  test('look', async ({ clone }) => {
    const owner = runOn(clone.owner)
    const [a, b] = [await furnish(owner), await furnish(owner)]
    const db = clone.open()
    const show = (name: string, value: unknown) => process.stdout.write(`## ${name}: ${JSON.stringify(value)}\n`)
    for (const guess of ['company secret', 'z'])
      await transactAs(db, a.viewer, async (run) => {
        await run('set local enable_indexscan = off'); await run('set local enable_bitmapscan = off'); await run('set local enable_indexonlyscan = off')
        show(`explain ${guess}`, (await run(`explain (analyze, costs off, timing off, summary off, buffers off) select from studios where name > '${guess}' and company_id = '${b.id}'`)).map((r) => r['QUERY PLAN']))
      })
    show('pgdeps', await owner(`select current_setting('server_version')`))
    expect(1).toBe(1)
  })
})
