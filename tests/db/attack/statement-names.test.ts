import { describe, expect } from 'vitest'
import { StatementNames } from '../../../src/db/statement-names.ts'
import { runAs } from '../support/run.ts'
import { test } from '../support/two-companies.ts'

const listed = 'select name, statement from pg_prepared_statements'

describe('prepared statements of the connection that callers share', () => {
  test('are kept under names that no SQL on it can list', async ({ clone, companies }) => {
    const member = runAs(clone.open(), companies.ours.member)
    await member('select count(*) from studios')
    await expect(member(listed)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(member('select * from pg_prepared_statement()')).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  test('are not kept at all where they could be listed', async ({ clone, companies }) => {
    await clone.owner.query('grant execute on function pg_catalog.pg_prepared_statement() to public')
    await clone.owner.query('grant select on pg_catalog.pg_prepared_statements to public')
    try {
      const member = runAs(clone.open(), companies.ours.member)
      await member('select count(*) from studios')
      expect(await member(listed)).toEqual([])
    } finally {
      await clone.owner.query('revoke execute on function pg_catalog.pg_prepared_statement() from public')
      await clone.owner.query('revoke select on pg_catalog.pg_prepared_statements from public')
    }
  })

  test('that SQL threw away cost the next caller one refusal and nothing else', async ({ clone, companies }) => {
    const database = clone.open()
    const [attacker, victim] = [runAs(database, companies.theirs.member), runAs(database, companies.ours.member)]
    const own = await victim('select id from companies')
    await attacker('deallocate all')
    await expect(victim('select id from companies')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await victim('select id from companies')).toEqual(own)
  })

  test('go on unnamed once the connection keeps as many as it may', async ({ clone, companies }) => {
    const run = runAs(clone.open({ maxConnections: 1 }), companies.ours.member)
    for (const round of [1, 2]) {
      for (let n = 0; n < 250; n += 1)
        expect(await run(`select ${n} as n, $1::int as round`, [round])).toEqual([{ n, round }])
    }
  })

  test('have names drawn by chance, a new one after an error, and not without end', () => {
    const [one, other] = [new StatementNames(), new StatementNames()]
    const name = one.nameOf('select 1')
    expect(name).toMatch(/^[0-9a-f]{32}_1$/)
    expect(one.nameOf('select 1')).toBe(name)
    expect(other.nameOf('select 1')).not.toBe(name)
    one.keep(['select 1'])
    expect(one.isPrepared(name)).toBe(true)
    one.forget(['select 1'])
    expect(one.nameOf('select 1')).not.toBe(name)
    for (let count = 0; count < 300; count += 1) one.nameOf(`select ${count}`)
    expect(one.nameOf('select one too many')).toBe('')
    for (let count = 0; count < 1000; count += 1) {
      one.forget(['select 1'])
      one.nameOf('select 1')
    }
    expect(one.isWorn).toBe(true)
  })
})
