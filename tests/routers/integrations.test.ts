import { describe, expect } from 'vitest'
import { ownWorld } from '../http/own-stack.ts'
import { type Company, test, unique } from '../support/world.ts'
import { faultyPaths, needsRole, notNow, refusal, unseen } from './refusal.ts'

const projectId = 'P'.repeat(21)
const byKey = { url: 'https://engine.invalid', projectId, account: { apiKey: 'sk-very-secret-key' } }
const bySignIn = { url: 'https://engine.invalid', account: { email: 'ops@example.com', password: 'very-secret-word' } }

const set = ({ admin, id: companyId }: Company, fields: object = {}) =>
  admin.api.integrations.set.mutate({ companyId, ...byKey, ...fields })
const current = async ({ admin, id: companyId }: Company) =>
  (await admin.api.integrations.byCompany.query({ companyId })).integration

describe("a company's own engine", () => {
  test('is set by an admin, shown without its account, and taken out of use', async ({ world }) => {
    const company = await world.company()
    expect(await current(company)).toBeNull()
    const made = await set(company)
    expect(made).toMatchObject({
      companyId: company.id,
      kind: 'activepieces',
      settings: { url: 'https://engine.invalid', projectId, maxRuns: 50 },
      status: 'unchecked',
      createdBy: company.admin.userId,
      removedAt: null,
    })
    expect(await current(company)).toEqual(made)
    expect(JSON.stringify(made)).not.toContain('secret')
    const removed = await company.admin.api.integrations.remove.mutate({ companyId: company.id })
    expect(removed).toMatchObject({ id: made.id, removedAt: expect.any(String) })
    expect(await current(company)).toBeNull()
  })

  test('is neither seen nor touched by another company', async ({ world }) => {
    const [ours, theirs] = await Promise.all([world.company(), world.company()])
    const made = await set(ours)
    const { integrations } = theirs.admin.api
    const companyId = ours.id
    expect(await refusal(integrations.byCompany.query({ companyId }))).toMatchObject(unseen)
    expect(await refusal(integrations.check.mutate({ companyId }))).toMatchObject(unseen)
    expect(await refusal(integrations.set.mutate({ companyId, ...bySignIn }))).toMatchObject(unseen)
    expect(await refusal(integrations.remove.mutate({ companyId }))).toMatchObject(unseen)
    expect(await current(ours)).toEqual(made)
  })

  test('is the admins’ alone', async ({ world }) => {
    const { id: companyId, member } = await world.company()
    const { integrations } = member.api
    expect(await refusal(integrations.byCompany.query({ companyId }))).toMatchObject(needsRole('admin'))
    expect(await refusal(integrations.check.mutate({ companyId }))).toMatchObject(needsRole('admin'))
    expect(await refusal(integrations.set.mutate({ companyId, ...byKey }))).toMatchObject(needsRole('admin'))
    expect(await refusal(integrations.remove.mutate({ companyId }))).toMatchObject(needsRole('admin'))
  })

  test('has every fault of its settings listed with its place', async ({ world }) => {
    const company = await world.company()
    const { integrations } = company.admin.api
    const companyId = company.id
    const faults = { companyId, url: 'ftp://engine', projectId: 'short', account: { apiKey: 'x' }, maxRuns: 0 }
    expect(await faultyPaths(integrations.set.mutate(faults))).toEqual([
      'account.apiKey',
      'maxRuns',
      'projectId',
      'url',
    ])
    const withoutProject = { companyId, url: byKey.url, account: byKey.account }
    expect(await faultyPaths(integrations.set.mutate(withoutProject))).toEqual(['projectId'])
  })

  test.for([
    'http://engine.example.com',
    'https://127.0.0.1:3002',
    'https://169.254.169.254/latest',
    'https://[::1]',
    'https://10.0.0.1',
    'https://user:word@engine.example.com',
    'https://engine.example.com/?to=elsewhere',
  ])('may not lie at %s', async (url, { world }) => {
    expect(await faultyPaths(set(await world.company(), { url }))).toEqual(['url'])
  })

  test('cannot be checked or removed where there is none', async ({ world }) => {
    const { id: companyId, admin } = await world.company()
    expect(await refusal(admin.api.integrations.check.mutate({ companyId }))).toMatchObject(notNow)
    expect(await refusal(admin.api.integrations.remove.mutate({ companyId }))).toMatchObject(notNow)
  })

  test('set by two at once is one engine in the end', async ({ world }) => {
    const company = await world.company()
    const calls = await Promise.allSettled(
      ['one', 'two'].map((name) => set(company, { url: `https://${name}.invalid` })),
    )
    const codes = calls.map((call) => (call.status === 'fulfilled' ? 'set' : call.reason.data.code))
    expect(['set', 'CONFLICT']).toEqual(expect.arrayContaining(codes))
    expect(codes).toContain('set')
    const { rows } = await world.stack.owner.query(
      'select count(*)::int as engines from integrations where company_id = $1 and removed_at is null',
      [company.id],
    )
    expect(rows).toEqual([{ engines: 1 }])
  })

  test('keeps its place when only its account or its room changes, and gives way to one elsewhere', async ({
    world,
  }) => {
    const company = await world.company()
    const made = await set(company)
    const changed = await set(company, {
      url: 'https://engine.invalid/api/v1/',
      maxRuns: 7,
      account: { apiKey: 'sk-another' },
    })
    expect(changed).toMatchObject({ id: made.id, settings: { url: 'https://engine.invalid', maxRuns: 7 } })
    const moved = await set(company, bySignIn)
    expect(moved.id).not.toBe(made.id)
    expect(moved.settings).toEqual({ url: 'https://engine.invalid', projectId, maxRuns: 50 })
  })

  test('that does not answer is told as failing, with the reason', async ({ world }) => {
    const company = await world.company()
    await set(company)
    const checked = await company.admin.api.integrations.check.mutate({ companyId: company.id })
    expect(checked).toMatchObject({ status: 'failing', statusMessage: 'The engine cannot be reached.' })
    expect(await current(company)).toEqual(checked)
  })

  test('is recorded as the doing of the person who set it, without its secrets', async ({ world }) => {
    const company = await world.company()
    const made = await set(company)
    const { rows } = await world.stack.owner.query('select * from audit_logs where resource_id = $1', [made.id])
    expect(rows).toMatchObject([
      { actor: 'user', user_id: company.admin.userId, action: 'insert', company_id: company.id },
    ])
    expect(JSON.stringify(rows)).not.toContain('sk-very')
    expect(world.stack.logs.join('')).not.toContain('sk-very')
  })
})

test('an engine in a private network, where those are allowed, is ready once it takes the account', async () => {
  const world = await ownWorld({ ALLOW_PRIVATE_ENGINES: 'true' })
  const company = await world.company()
  const { url, account } = world.stack.connections.engine
  const check = () => company.admin.api.integrations.check.mutate({ companyId: company.id })
  await set(company, { url, projectId: undefined, account })
  expect(await check()).toMatchObject({
    status: 'ready',
    statusMessage: 'The engine is well and takes the account (version 0.85.4, edition ce).',
    checkedAt: expect.any(String),
  })
  await set(company, { url, projectId: undefined, account: { ...account, password: `wrong-${unique()}` } })
  const refused = { status: 'failing', statusMessage: expect.stringContaining('refused the account') }
  expect(await check()).toMatchObject(refused)
})
