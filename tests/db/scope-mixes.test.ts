import fc from 'fast-check'
import { describe, expect } from 'vitest'
import type { Database } from '../../src/db/client.ts'
import type { ScopeClaims } from '../../src/db/scope.ts'
import { type Clone, test } from './support/clone.ts'
import { companyRow, signUp, unique } from './support/people.ts'
import { insertRow, runAs, runIn, runOn, transactAs } from './support/run.ts'
import { studioRow } from './support/tenant.ts'

interface Company {
  id: string
  founder: ScopeClaims
}

const deeds = [
  'read',
  'failing read',
  'commit',
  'rollback',
  'hidden error',
  'unsendable value',
  'transaction left open',
] as const

interface Step {
  company: number
  deed: (typeof deeds)[number]
}

const mix: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ company: fc.nat({ max: 3 }), deed: fc.constantFrom(...deeds) }),
  { minLength: 4, maxLength: 24 },
)

async function foundFour({ owner }: Clone): Promise<Company[]> {
  const run = runOn(owner)
  const companies: Company[] = []
  for (let count = 0; count < 4; count += 1) {
    const founder = await signUp(run)
    const { id } = await insertRow(run, 'companies', companyRow(founder))
    await insertRow(run, 'company_limits', { company_id: id, max_studios: 100_000 })
    companies.push({ id: String(id), founder })
  }
  return companies
}

/** Does one step as the founder of its company; gives the name of the studio that it is sure to have kept. */
async function take(database: Database, { id, founder }: Company, deed: Step['deed']): Promise<string | undefined> {
  const run = runAs(database, founder)
  const name = `Studio ${unique()}`
  const open = (keep: () => Promise<unknown>) =>
    transactAs(database, founder, async (inside) => {
      await insertRow(inside, 'studios', studioRow(id, founder, name))
      expect(await inside('select id from companies')).toEqual([{ id }])
      await keep()
      if (deed === 'hidden error') await inside('select 1 / 0').catch(() => undefined)
    })
  switch (deed) {
    case 'read':
      expect(await run('select id, app.user_id() as person from companies')).toEqual([{ id, person: founder.userId }])
      return undefined
    case 'failing read':
      await expect(run('select 1 / 0')).rejects.toThrow('division by zero')
      return undefined
    case 'commit':
      await open(() => Promise.resolve())
      return name
    case 'rollback':
      await expect(open(() => Promise.reject(new Error('changed my mind')))).rejects.toThrow('changed my mind')
      return undefined
    case 'hidden error':
      await expect(open(() => Promise.resolve())).rejects.toThrow('swallowed')
      return undefined
    case 'unsendable value':
      await expect(run('select $1::text', [{ toPostgres: () => expect.fail('unsendable') }])).rejects.toThrow(
        'unsendable',
      )
      return undefined
    case 'transaction left open':
      await run('begin')
      return undefined
  }
}

async function expectBare(database: Database, connections: number): Promise<void> {
  const state = `select current_user as role, coalesce(current_setting('app.claims', true), '') as claims`
  const looks = Array.from({ length: connections }, () => database.own.read((tx) => runIn(tx)(state)))
  for (const rows of await Promise.all(looks)) expect(rows).toEqual([{ role: 'studios_api', claims: '' }])
}

describe('callers of four companies, all at once', () => {
  test.for([1, 3])('over %i connections each see and change only their own', async (maxConnections, { clone }) => {
    const companies = await foundFour(clone)
    const database = clone.open({ maxConnections })
    const kept = new Map(companies.map(({ id }) => [id, new Set<string>()]))
    const property = fc.asyncProperty(mix, async (steps) => {
      const taken = steps.map(async ({ company, deed }) => {
        const actor = companies[company] ?? expect.fail('no such company')
        const name = await take(database, actor, deed)
        if (name) kept.get(actor.id)?.add(name)
      })
      await Promise.all(taken)
      for (const { id, founder } of companies) {
        const rows = await runAs(database, founder)('select name from studios')
        expect(new Set(rows.map(({ name }) => name))).toEqual(kept.get(id))
      }
      await expectBare(database, maxConnections)
    })
    await fc.assert(property, { numRuns: 20 })
  })
})
