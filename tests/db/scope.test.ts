import { afterEach, describe, expect } from 'vitest'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { DomainError } from '../../src/errors.ts'
import type { Clone } from './support/clone.ts'
import { insertRow, type Run, runAs, runIn, transactAs } from './support/run.ts'
import { studioRow } from './support/tenant.ts'
import { test as base } from './support/two-companies.ts'

const test = base.extend('database', ({ clone }) => clone.open({ maxConnections: 1 }))

const slow = 'select pg_sleep(60)'
const circular: Record<string, unknown> = {}
circular['self'] = circular

/** Sees to it that the one slow query running on the clone ends in another way than by itself. */
async function interrupt({ owner }: Clone, how: 'pg_cancel_backend' | 'pg_terminate_backend'): Promise<void> {
  for (;;) {
    const { rows } = await owner.query(
      `select ${how}(pid) from pg_stat_activity
       where datname = current_database() and query = $1 and state = 'active' and wait_event = 'PgSleep'`,
      [slow],
    )
    if (rows.length > 0) return
  }
}

/** What the API's connection is when nobody's scope is on it. */
async function expectBare(database: Database): Promise<void> {
  const state = `select current_user as role, coalesce(current_setting('app.claims', true), '') as claims,
    coalesce(current_setting('app.request', true), '') as request, current_setting('search_path') as path`
  const [row] = await database.own.read((tx) => runIn(tx)(state))
  expect(row).toEqual({ role: 'studios_api', claims: '', request: '', path: 'public,pg_temp' })
}

interface Mishap {
  name: string
  work(run: Run, clone: Clone): Promise<unknown>
  error: unknown
}

const unavailable = expect.objectContaining({ code: 'UNAVAILABLE' })
const interrupted = (how: Parameters<typeof interrupt>[1]) => (run: Run, clone: Clone) =>
  Promise.all([run(slow), interrupt(clone, how)])

const mishaps: Mishap[] = [
  { name: 'a failing query', work: (run) => run('select 1 / 0'), error: expect.objectContaining({ code: '22012' }) },
  {
    name: 'a query that cannot be parsed',
    work: (run) => run('selec'),
    error: expect.objectContaining({ code: '42601' }),
  },
  {
    name: 'a cancelled query',
    work: interrupted('pg_cancel_backend'),
    error: expect.objectContaining({ code: '57014' }),
  },
  { name: 'a lost connection', work: interrupted('pg_terminate_backend'), error: unavailable },
  {
    name: 'a value that cannot be sent',
    work: (run) => run('select $1::text', [circular]),
    error: expect.any(TypeError),
  },
  {
    name: 'a value of the wrong type',
    work: (run) => run('select $1::uuid', ['x']),
    error: expect.objectContaining({ code: '22P02' }),
  },
]

describe('after', () => {
  afterEach<{ database: Database }>(({ database }) => expectBare(database))

  test.for(mishaps)(
    '$name the next caller sees the own company',
    async ({ work, error }, { clone, database, companies }) => {
      const { ours, theirs } = companies
      const next = runAs(database, theirs.viewer)
      await expect(work(runAs(database, ours.viewer), clone)).rejects.toEqual(error)
      expect(await next('select id from companies')).toEqual([{ id: theirs.id }])
      await expectBare(database)
      await expect(transactAs(database, ours.viewer, (run) => work(run, clone))).rejects.toEqual(error)
      expect(await next('select id from companies')).toEqual([{ id: theirs.id }])
    },
  )

  test('a statement that takes too long the next caller sees the own company', async ({ database, companies }) => {
    const { ours, theirs } = companies
    const tooLong = transactAs(database, ours.viewer, async (run) => {
      await run('set local statement_timeout = 20')
      await run(slow)
    })
    await expect(tooLong).rejects.toMatchObject({ code: '57014' })
    expect(await runAs(database, theirs.viewer)('select id from companies')).toEqual([{ id: theirs.id }])
  })

  test('an answer that does not come in time the next caller sees the own company', async ({ clone, companies }) => {
    const { ours, theirs } = companies
    const impatient = clone.open({ maxConnections: 1, url: `${clone.apiUrl}?query_timeout=150` })
    await expect(runAs(impatient, ours.viewer)(slow)).rejects.toEqual(unavailable)
    await expect(transactAs(impatient, ours.viewer, (run) => run(slow))).rejects.toEqual(unavailable)
    expect(await runAs(impatient, theirs.viewer)('select id from companies')).toEqual([{ id: theirs.id }])
    await interrupt(clone, 'pg_terminate_backend')
    await expectBare(impatient)
  })
})

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
    const lost = transactAs(database, ours.member, async (run) => {
      await insertRow(run, 'studios', studioRow(ours.id, ours.member, 'Cut off'))
      const [{ pid } = {}] = await run('select pg_backend_pid() as pid')
      await owner('select pg_terminate_backend($1)', [pid])
      await run('select 1')
    })
    await expect(lost).rejects.toEqual(unavailable)
    expect(await runAs(database, ours.viewer)(`select name from studios where name = 'Cut off'`)).toEqual([])
    await expectBare(clone.open())
  })
})

describe('a process without the scope key', () => {
  test('acts for nobody', async ({ clone, companies: { ours } }) => {
    const keyless = openDatabase({ url: clone.apiUrl, maxConnections: 1, onConnectionError: () => undefined })
    expect(() => keyless.scope(ours.viewer, { id: '', ip: '', agent: '' })).toThrow('no scope key')
    const read = keyless.own.read((tx) => runIn(tx)('select * from companies'))
    await expect(read).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await keyless.close()
  })
})
