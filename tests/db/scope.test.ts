import { afterEach, describe, expect } from 'vitest'
import { type Database, openDatabase } from '../../src/db/client.ts'
import type { Clone } from './support/clone.ts'
import { expectBare, type Interruption, interrupt, slow } from './support/connection.ts'
import { type Run, runAs, runIn, transactAs } from './support/run.ts'
import { test as base } from './support/two-companies.ts'

const test = base.extend('database', ({ clone }) => clone.open({ maxConnections: 1 }))

const circular: Record<string, unknown> = {}
circular['self'] = circular

interface Mishap {
  name: string
  work(run: Run, clone: Clone): Promise<unknown>
  error: unknown
}

const unavailable = expect.objectContaining({ code: 'UNAVAILABLE' })
const interrupted = (how: Interruption) => (run: Run, clone: Clone) => Promise.all([run(slow), interrupt(clone, how)])

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

describe('a process without the scope key', () => {
  test('acts for nobody', async ({ clone, companies: { ours } }) => {
    const keyless = openDatabase({ url: clone.apiUrl, maxConnections: 1, onConnectionError: () => undefined })
    expect(() => keyless.scope(ours.viewer, { id: '', ip: '', agent: '' })).toThrow('no scope key')
    const read = keyless.own.read((tx) => runIn(tx)('select * from companies'))
    await expect(read).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await keyless.close()
  })
})
