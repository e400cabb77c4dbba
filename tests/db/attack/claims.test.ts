import { createHash, createHmac } from 'node:crypto'
import { describe, expect } from 'vitest'
import { paddedKeys, type ScopeClaims, signClaims } from '../../../src/db/scope.ts'
import { enrol, signOut, signUp } from '../support/people.ts'
import { type Run, runAs, runOn } from '../support/run.ts'
import type { Tenant } from '../support/tenant.ts'
import { test } from '../support/two-companies.ts'

const seen = `select app.user_id() as person, (select count(*)::int from companies) as companies,
  (select count(*)::int from workflow_executions) as runs, (select count(*)::int from workflow_templates) as templates`
const nothing = { person: null, companies: 0, runs: 0, templates: 0 }

/** What `app.claims`, set by hand on the API's own connection, lets its holder see. */
async function seenWith(run: Run, claims: string): Promise<unknown> {
  await run(`select set_config('role', 'authenticated', false), set_config('app.claims', $1, false)`, [claims])
  const [row] = await run(seen)
  return row
}

interface Forgery {
  name: string
  claims(own: string, ours: Tenant, theirs: Tenant, key: Buffer): string
}

const replaced = (claims: string, place: number, part: string) => claims.split('|').with(place, part).join('|')
const unsigned = ({ userId, sessionId, expiresAt }: ScopeClaims) => `${userId}|${sessionId}|${expiresAt}`

const forgeries: Forgery[] = [
  { name: 'nothing', claims: () => '' },
  { name: 'only bars', claims: () => '|||' },
  { name: 'a bare user id', claims: (_own, _ours, { admin }) => admin.userId },
  { name: 'no signature', claims: (_own, _ours, { admin }) => `${unsigned(admin)}|` },
  { name: 'the word null for a signature', claims: (_own, _ours, { admin }) => `${unsigned(admin)}|null` },
  { name: 'own claims with the id of another', claims: (own, _ours, { admin }) => replaced(own, 0, admin.userId) },
  {
    name: 'own claims with the session of another',
    claims: (own, _ours, { admin }) => replaced(own, 1, admin.sessionId),
  },
  { name: 'own claims with a later end', claims: (own) => replaced(own, 2, '99999999999') },
  { name: 'own claims with a part too many', claims: (own) => `${own}|x` },
  { name: 'own claims with a space behind', claims: (own) => `${own} ` },
  { name: 'own claims in capitals', claims: (own) => own.toUpperCase() },
  { name: 'own claims behind those of another', claims: (own, _ours, { admin }) => `${unsigned(admin)}\n${own}` },
  { name: 'a signature by another key', claims: (_own, _ours, { admin }) => signClaims(admin, Buffer.alloc(32, 7)) },
  { name: 'a signature by an empty key', claims: (_own, _ours, { admin }) => signClaims(admin, Buffer.alloc(0)) },
  {
    name: 'a bare hash',
    claims: (_own, _ours, { admin }) =>
      `${unsigned(admin)}|${createHash('sha256').update(unsigned(admin)).digest('hex')}`,
  },
  {
    name: 'the two halves of the key in each other’s place',
    claims: (_own, _ours, { admin }, key) => {
      const { inner, outer } = paddedKeys(key)
      const hash = createHash('sha256')
        .update(inner)
        .update(createHash('sha256').update(outer).update(unsigned(admin)).digest())
      return `${unsigned(admin)}|${hash.digest('hex')}`
    },
  },
  {
    name: 'a signature over other words',
    claims: (_own, _ours, { admin }, key) =>
      `${unsigned(admin)}|${createHmac('sha256', key).update(admin.userId).digest('hex')}`,
  },
  {
    name: 'signed claims that have ended',
    claims: (_own, _ours, { admin }, key) => signClaims({ ...admin, expiresAt: 1 }, key),
  },
  {
    name: 'signed claims that join a person to the session of another',
    claims: (_own, { viewer }, { admin }, key) => signClaims({ ...admin, sessionId: viewer.sessionId }, key),
  },
  { name: 'a hundred thousand bars', claims: () => '|'.repeat(100_000) },
  { name: 'a signature of a million characters', claims: (own) => replaced(own, 3, 'f'.repeat(1_000_000)) },
  { name: 'SQL', claims: () => `') or true; select set_config('role', 'postgres', false) --` },
]

describe('claims that the API has not signed', () => {
  test.for(forgeries)('$name prove nothing', async ({ claims }, { clone, companies: { ours, theirs } }) => {
    const run = runOn(await clone.connect())
    const own = signClaims(ours.viewer, clone.scopeKey)
    expect(await seenWith(run, claims(own, ours, theirs, clone.scopeKey))).toEqual(nothing)
  })

  test('signed ones show the own company and nothing else, on any connection of the API', async ({
    clone,
    companies,
  }) => {
    const { viewer, id, executionId } = companies.ours
    const run = runOn(await clone.connect())
    expect(await seenWith(run, signClaims(viewer, clone.scopeKey))).toMatchObject({
      person: viewer.userId,
      companies: 1,
      runs: 1,
    })
    expect(await run('select id from companies')).toEqual([{ id }])
    expect(await run('select id from workflow_executions')).toEqual([{ id: executionId }])
  })
})

describe('signed claims replayed', () => {
  const endings: Record<string, (owner: Run, person: ScopeClaims) => Promise<unknown>> = {
    'after logging out': signOut,
    'after the session ran out': (owner, { sessionId }) =>
      owner(`update auth.sessions set not_after = now() - interval '1 second' where id = $1`, [sessionId]),
    'after the person was switched off': (owner, { userId }) =>
      owner(`update user_profiles set status = 'inactive' where id = $1`, [userId]),
    'after the account was removed': (owner, { userId }) => owner('delete from auth.users where id = $1', [userId]),
  }

  test.for(Object.keys(endings))('%s show nothing any more', async (ending, { clone, owner, companies }) => {
    const person = await signUp(owner)
    await enrol(owner, companies.ours.id, person, 'viewer')
    const run = runOn(await clone.connect())
    const claims = signClaims(person, clone.scopeKey)
    expect(await seenWith(run, claims)).toMatchObject({ person: person.userId, companies: 1 })
    await endings[ending]?.(owner, person)
    expect(await seenWith(run, claims)).toEqual(nothing)
    expect(await runAs(clone.open(), person)(seen)).toEqual([nothing])
  })

  test('after leaving the company show nothing of it any more', async ({ clone, owner, companies }) => {
    const person = await signUp(owner)
    await enrol(owner, companies.ours.id, person, 'member')
    const run = runAs(clone.open(), person)
    expect(await run('select id from companies')).toEqual([{ id: companies.ours.id }])
    await owner(`update user_companies set status = 'inactive' where user_id = $1`, [person.userId])
    expect(await run('select id from companies')).toEqual([])
    expect(await run('select id from studios')).toEqual([])
  })
})
