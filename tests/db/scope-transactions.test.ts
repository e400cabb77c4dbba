import { describe, expect } from 'vitest'
import type { Database } from '../../src/db/client.ts'
import type { ScopeClaims } from '../../src/db/scope.ts'
import { DomainError } from '../../src/errors.ts'
import { expectBare, interrupt, slow } from './support/connection.ts'
import { insertRow, type Run, runAs, runIn, transactAs } from './support/run.ts'
import { studioRow } from './support/tenant.ts'
import { test as base } from './support/two-companies.ts'

const test = base.extend('database', ({ clone }) => clone.open({ maxConnections: 1 }))

describe('a transaction', () => {
  const named = (run: Run, name: string) => run('select name from studios where name = $1', [name])

  test('keeps everything when its work is done', async ({ database, companies: { ours } }) => {
    await transactAs(database, ours.member, async (run) => {
      await insertRow(run, 'studios', studioRow(ours.id, ours.member, 'Kept one'))
      await insertRow(run, 'studios', studioRow(ours.id, ours.member, 'Kept two'))
    })
    const read = runAs(database, ours.viewer)
    expect([...(await named(read, 'Kept one')), ...(await named(read, 'Kept two'))]).toHaveLength(2)
  })

  test('keeps nothing when its work fails, and passes the failure on', async ({ database, companies: { ours } }) => {
    const failure = new DomainError('CONFLICT', 'Not now.')
    const failed = transactAs(database, ours.member, async (run) => {
      await insertRow(run, 'studios', studioRow(ours.id, ours.member, 'Taken back'))
      throw failure
    })
    await expect(failed).rejects.toBe(failure)
    expect(await named(runAs(database, ours.viewer), 'Taken back')).toEqual([])
  })

  test('that hides an error is not taken for done', async ({ database, companies: { ours } }) => {
    const hidden = transactAs(database, ours.member, async (run) => {
      await insertRow(run, 'studios', studioRow(ours.id, ours.member, 'Half done'))
      await run('select 1 / 0').catch(() => undefined)
    })
    await expect(hidden).rejects.toThrow('an error in it was swallowed')
    expect(await named(runAs(database, ours.viewer), 'Half done')).toEqual([])
    await expectBare(database)
  })

  test('without a query takes nothing from the database', async ({ database, companies: { ours } }) => {
    expect(await transactAs(database, ours.member, async () => 'done')).toBe('done')
    await expectBare(database)
  })

  test('sends queries that are asked for at once in their order', async ({ database, companies: { ours } }) => {
    const answers = await transactAs(database, ours.member, (run) =>
      Promise.all([
        insertRow(run, 'studios', studioRow(ours.id, ours.member, 'At once')),
        named(run, 'At once'),
        run('select app.user_id() as person'),
      ]),
    )
    expect(answers.slice(1)).toEqual([[{ name: 'At once' }], [{ person: ours.member.userId }]])
  })
})

describe('a connection lost between two queries', () => {
  test('fails the transaction and nothing else', async ({ clone, owner, database, companies: { ours } }) => {
    const isThere = async (pid: unknown) =>
      (await owner('select from pg_stat_activity where pid = $1', [pid])).length > 0
    const lost = transactAs(database, ours.member, async (run) => {
      await insertRow(run, 'studios', studioRow(ours.id, ours.member, 'Cut off'))
      const [{ pid } = {}] = await run('select pg_backend_pid() as pid')
      await owner('select pg_terminate_backend($1)', [pid])
      while (await isThere(pid));
      await isThere(pid)
      await run('select 1')
    })
    await expect(lost).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await runAs(database, ours.viewer)(`select name from studios where name = 'Cut off'`)).toEqual([])
    await expectBare(clone.open())
  })
})

describe('a connection lost while a transaction is being kept', () => {
  test('leaves open whether it was kept, and says so', async ({ clone, owner, database, companies: { ours } }) => {
    await owner(`create function public.linger() returns trigger language plpgsql as $$
      begin perform pg_sleep(60); return null; end $$`)
    await owner(`create constraint trigger linger after insert on studios deferrable initially deferred
      for each row execute function public.linger()`)
    const kept = transactAs(database, ours.member, (run) =>
      insertRow(run, 'studios', studioRow(ours.id, ours.member, 'In doubt')),
    )
    const doubt = { code: 'UNAVAILABLE', message: expect.stringContaining('look whether it is there') }
    await Promise.all([expect(kept).rejects.toMatchObject(doubt), interrupt(clone, 'pg_terminate_backend', 'commit')])
    await owner('drop function public.linger() cascade')
    await expectBare(database)
  })
})

describe('a write that is one query', () => {
  const writeAs = (database: Database, person: ScopeClaims, text: string, values: unknown[] = []) =>
    database.scope(person, { id: 'test', ip: '192.0.2.1', agent: 'tests' }).write((tx) => runIn(tx)(text, values))
  const add = `insert into studios (company_id, name, business_area, created_by) values ($1, $2, 'sales', $3)`

  test('is kept with its answer, and not at all when it fails', async ({ database, companies: { ours } }) => {
    const { id, member, viewer } = ours
    await writeAs(database, member, add, [id, 'Kept alone', member.userId])
    await expect(writeAs(database, viewer, add, [id, 'Refused', viewer.userId])).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
    const names = await runAs(database, viewer)(`select name from studios where name in ('Kept alone', 'Refused')`)
    expect(names).toEqual([{ name: 'Kept alone' }])
    await expectBare(database)
  })

  test('says so when nobody knows whether it was kept', async ({ clone, database, companies: { ours } }) => {
    const doubt = { code: 'UNAVAILABLE', message: expect.stringContaining('look whether it is there') }
    const kept = writeAs(database, ours.member, slow)
    await Promise.all([expect(kept).rejects.toMatchObject(doubt), interrupt(clone, 'pg_terminate_backend')])
    await expectBare(database)
  })
})
