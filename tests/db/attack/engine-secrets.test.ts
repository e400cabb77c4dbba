import { randomUUID } from 'node:crypto'
import { describe, expect, inject } from 'vitest'
import type { ScopeClaims } from '../../../src/db/scope.ts'
import { withVaultKey } from '../../../src/embedded/supabase/index.ts'
import { signOut, signUp } from '../support/people.ts'
import { insertRow, type Run, refusalOf, runIn, runOn } from '../support/run.ts'
import { executionRow, furnish } from '../support/tenant.ts'
import { test as base } from '../support/two-companies.ts'

const request = { id: randomUUID(), ip: '192.0.2.1', agent: 'tests' }
const account = JSON.stringify({ apiKey: 'sk-in-the-vault', webhookSecret: 'first' })
const settings = JSON.stringify({ url: 'https://engine.example.com', projectId: 'P'.repeat(21), maxRuns: 5 })

const putText = `select app.put_integration($1, 'activepieces', $2::jsonb, $3::jsonb) as id`
const removeText = `select app.remove_integration($1, 'activepieces') as id`
const secretText = 'select app.integration_secret($1) as secret'
const put = async (run: Run, companyId: string) =>
  String((await run(putText, [companyId, settings, account]))[0]?.['id'])
const secretOf = async (run: Run, id: string) => (await run(secretText, [id]))[0]?.['secret']

const test = base
  .extend('workerUrl', { scope: 'file' }, ({ clone }) => withVaultKey(clone.workerUrl, inject('template').vaultKey))
  .extend('worker', { scope: 'file' }, async ({ clone, workerUrl }) => runOn(await clone.connect(workerUrl)))
  .extend('as', { scope: 'file' }, ({ clone, workerUrl }) => {
    const database = clone.open({ url: workerUrl })
    /** SQL as the worker's login, with somebody's claims beside it. */
    return (claims: ScopeClaims): Run =>
      (text, values) =>
        database.vouched(claims, request)((tx) => runIn(tx)(text, values))
  })
  .extend('tenant', ({ owner }) => furnish(owner))

const onlyAdmins = { state: 'ST001' }
const denied = { state: '42501' }

describe("the account at a company's own engine", () => {
  test('is put by an admin, read by the worker and that admin, and stands nowhere in the open', async ({
    owner,
    worker,
    as,
    tenant,
  }) => {
    const id = await put(as(tenant.admin), tenant.id)
    expect(await secretOf(worker, id)).toMatchObject({ apiKey: 'sk-in-the-vault' })
    expect(await secretOf(as(tenant.admin), id)).toMatchObject({ apiKey: 'sk-in-the-vault' })
    const rows = [
      ...(await owner('select * from vault.secrets')),
      ...(await owner('select * from integrations')),
      ...(await owner('select * from audit_logs')),
    ]
    expect(JSON.stringify(rows)).not.toContain('sk-in-the-vault')
  })

  test('is put, read and removed with no claims but those of an admin of that very company', async ({
    owner,
    as,
    worker,
    tenant,
    companies,
  }) => {
    const id = await put(as(tenant.admin), tenant.id)
    const gone = await signUp(owner)
    await signOut(owner, gone)
    const forged = { ...tenant.admin, sessionId: tenant.member.sessionId }
    for (const claims of [tenant.member, tenant.viewer, companies.theirs.admin, gone, forged]) {
      expect(await refusalOf(put(as(claims), tenant.id))).toMatchObject(onlyAdmins)
      expect(await refusalOf(as(claims)(removeText, [tenant.id]))).toMatchObject(onlyAdmins)
      expect(await refusalOf(secretOf(as(claims), id))).toMatchObject(onlyAdmins)
    }
    expect(await refusalOf(put(worker, tenant.id))).toMatchObject(onlyAdmins)
    expect(await refusalOf(worker(removeText, [tenant.id]))).toMatchObject(onlyAdmins)
  })

  test("is out of the reach of the API's login, and of the worker's but through those functions", async ({
    clone,
    worker,
    as,
    tenant,
  }) => {
    const id = await put(as(tenant.admin), tenant.id)
    const api = runOn(await clone.connect())
    const reaches = [
      secretText.replace('$1', `'${id}'`),
      'select * from vault.secrets',
      'select app.vault_secret(null)',
    ]
    for (const run of [api, worker]) {
      for (const text of run === api ? reaches : reaches.slice(1)) {
        expect(await refusalOf(run(text)), text).toMatchObject(denied)
      }
    }
    const becomingSomebody = `select set_config('role', 'authenticated', false), set_config('vault.key', 'guessed', false)`
    await api(becomingSomebody)
    for (const text of reaches) expect(await refusalOf(api(text)), text).toMatchObject(denied)
  })

  test('needs the key of the vault besides', async ({ clone, as, tenant }) => {
    const id = await put(as(tenant.admin), tenant.id)
    const keyless = runOn(await clone.connect(clone.workerUrl))
    expect(await refusalOf(secretOf(keyless, id))).toMatchObject(denied)
    const other = runOn(await clone.connect(withVaultKey(clone.workerUrl, 'k'.repeat(64))))
    expect(await refusalOf(secretOf(other, id))).toMatchObject(denied)
  })

  test('keeps the secret of its published flows when it is changed in its place', async ({ worker, as, tenant }) => {
    const id = await put(as(tenant.admin), tenant.id)
    const changed = JSON.stringify({ apiKey: 'sk-another', webhookSecret: 'second' })
    const [row] = await as(tenant.admin)(putText, [tenant.id, settings, changed])
    expect(row?.['id']).toBe(id)
    expect(await secretOf(worker, id)).toEqual({ apiKey: 'sk-another', webhookSecret: 'first' })
  })

  test('is forgotten once the engine is removed and carries out no run any more', async ({
    owner,
    worker,
    as,
    tenant,
  }) => {
    const id = await put(as(tenant.admin), tenant.id)
    const run = executionRow(tenant.id, tenant.studioId, tenant.templateId, tenant.member)
    const { id: runId } = await insertRow(owner, 'workflow_executions', run)
    await owner(`update workflow_executions set status = 'running', integration_id = $2 where id = $1`, [runId, id])
    await as(tenant.admin)(removeText, [tenant.id])
    await worker('select app.forget_engine_secrets()')
    expect(await secretOf(worker, id)).not.toBeNull()
    await owner(
      `update workflow_executions set status = 'failed', failure_kind = 'lost', error_message = 'x' where id = $1`,
      [runId],
    )
    await worker('select app.forget_engine_secrets()')
    expect(await secretOf(worker, id)).toBeNull()
  })

  test('is changed in the operator’s name by nobody, whatever claims the worker’s login brings', async ({
    owner,
    as,
    tenant,
  }) => {
    const id = await put(as(tenant.admin), tenant.id)
    const gone = await signUp(owner)
    await signOut(owner, gone)
    for (const claims of [tenant.admin, gone])
      await as(claims)(`update integrations set status_message = $2 where id = $1`, [id, `by ${claims.userId}`])
    const rows = await owner('select actor, user_id from audit_logs where resource_id = $1', [id])
    const told = rows.map(({ actor, user_id }) => `${actor} ${user_id}`).toSorted((a, b) => a.localeCompare(b))
    expect(told).toEqual([`user ${tenant.admin.userId}`, `user ${tenant.admin.userId}`, 'worker null'])
  })

  test('goes with the row of its engine', async ({ owner, as, tenant }) => {
    const id = await put(as(tenant.admin), tenant.id)
    const [row] = await owner('select secret_id from integrations where id = $1', [id])
    await owner('delete from integrations where id = $1', [id])
    expect(await owner('select from vault.secrets where id = $1', [row?.['secret_id']])).toEqual([])
  })
})
