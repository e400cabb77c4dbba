import { describe, expect, onTestFinished } from 'vitest'
import { engineSecretPlaceholder, loadCatalog } from '../../catalog/index.ts'
import { openDatabase } from '../../src/db/client.ts'
import { forgetEngineSecrets } from '../../src/db/queries/integrations.ts'
import { activePieces } from '../../src/engine/activepieces.ts'
import { companyEngines } from '../../src/engine/company-engines.ts'
import { openEngines } from '../../src/engine/engines.ts'
import { ownEngines } from '../../src/services/workflows/company-flows.ts'
import { EngineRefused, EngineUnavailable } from '../../src/services/workflows/engine.ts'
import { credentials, eventually, startTestEngine } from '../embedded/activepieces/support.ts'
import { plainEnvelope, publishWorkflow } from '../support/flows.ts'
import type { TestStack } from '../support/stack.ts'
import { testWith } from '../support/world.ts'

const test = testWith({ ALLOW_PRIVATE_ENGINES: 'true' })
  .extend('platform', ({ stack }) => activePieces(stack.connections.engine))
  .extend('own', async ({ world }) => {
    const [company, { client }] = await Promise.all([world.company(), startTestEngine()])
    const url = client.base.replace(/\/api\/v1$/, '')
    const set = (fields: object = {}) =>
      company.admin.api.integrations.set.mutate({ companyId: company.id, url, account: credentials, ...fields })
    const flows = async () => {
      const { body } = await client.call('GET', `/flows?projectId=${client.projectId}&limit=100`)
      return Object(body).data as { id: string; status: string }[]
    }
    return { company, client, set, flows, integrationId: (await set()).id }
  })

/** The engines as one worker opens them. */
function workersEngines(stack: TestStack, now = Date.now) {
  const database = openDatabase({
    url: stack.connections.database.workerUrl,
    maxConnections: 2,
    onConnectionError: () => undefined,
  })
  onTestFinished(() => database.close())
  const engines = openEngines({
    platform: activePieces(stack.connections.engine),
    companyEngines: companyEngines({ allowPrivate: true }),
    own: ownEngines(database.own, engineSecretPlaceholder),
    now,
  })
  return { engines, database }
}

async function aTemplate(stack: TestStack) {
  const slug = await publishWorkflow(stack, { code: `export const code = async () => ${plainEnvelope()}` })
  const { rows } = await stack.owner.query('select id, activepieces_flow_id from workflow_templates where slug = $1', [
    slug,
  ])
  return { id: String(rows[0].id), platformFlowId: String(rows[0].activepieces_flow_id) }
}

describe('the engines of companies', () => {
  test('carry out the workflows of the catalog as the platform’s does', async ({ stack, own }) => {
    const { engines } = workersEngines(stack)
    const [entry] = await loadCatalog()
    if (!entry) throw new Error('the catalog is empty')
    const { rows } = await stack.owner.query('select id from workflow_templates where slug = $1', [entry.manifest.slug])
    const template = { id: String(rows[0].id), platformFlowId: 'unused' }
    const flowId = await engines.flowIdFor(own.integrationId, template)
    const engine = await engines.engineFor(own.integrationId)
    const since = new Date(Date.now() - 60_000).toISOString()
    const execution = { id: own.company.id, attempt: 1 }
    const correlationId = `${own.company.id}:1`
    const callback = { url: 'http://127.0.0.1:9/', token: 'none' }
    const payload = { execution, correlationId, input: JSON.stringify(entry.sampleInput), files: [], callback }
    expect(await engine.start(flowId, payload)).toEqual({ kind: 'accepted' })
    const runId = await eventually(() => engine.findRun(flowId, correlationId, since))
    const run = await eventually(async () => {
      const seen = await engine.getRun(runId, entry.manifest.resultStep)
      return seen?.status === 'succeeded' || seen?.status === 'failed' ? seen : undefined
    })
    expect(run.steps.find(({ name }) => name === entry.manifest.resultStep)?.output).toEqual(entry.exampleResult)
  })

  test('are the platform’s where a company has none', async ({ stack, platform }) => {
    const { engines } = workersEngines(stack)
    const template = await aTemplate(stack)
    const flowId = await engines.flowIdFor(null, template)
    expect(flowId).toBe(template.platformFlowId)
    expect(await platform.isEnabled(flowId)).toBe(true)
    expect(await (await engines.engineFor(null)).isEnabled(flowId)).toBe(true)
  })

  test('get a workflow published once, by however many workers, and again only when it has changed', async ({
    stack,
    own,
  }) => {
    const template = await aTemplate(stack)
    const workers = Array.from({ length: 3 }, () => workersEngines(stack).engines)
    const asked = await Promise.allSettled(workers.map((engines) => engines.flowIdFor(own.integrationId, template)))
    const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    for (const reason of refused) expect(reason).toBeInstanceOf(EngineUnavailable)
    const [engines] = workers
    const flowId = await engines?.flowIdFor(own.integrationId, template)
    expect(await own.flows()).toMatchObject([{ id: flowId, status: 'ENABLED' }])
    await stack.owner.query('update workflow_template_versions set content_hash = $2 where template_id = $1', [
      template.id,
      'changed',
    ])
    expect(await engines?.flowIdFor(own.integrationId, template)).toBe(flowId)
    const { rows } = await stack.owner.query(
      'select content_hash, leased_until from integration_flows where template_id = $1',
      [template.id],
    )
    expect(rows).toEqual([{ content_hash: 'changed', leased_until: null }])
  })

  test('get a workflow anew that was deleted there', async ({ stack, own }) => {
    const { engines } = workersEngines(stack)
    const template = await aTemplate(stack)
    const before = await engines.flowIdFor(own.integrationId, template)
    await own.client.call('DELETE', `/flows/${before}`)
    await eventually(async () => ((await own.flows()).length === 0 ? true : undefined))
    await engines.forgetFlow(own.integrationId, template.id)
    const after = await engines.flowIdFor(own.integrationId, template)
    expect(await own.flows()).toMatchObject([{ id: after, status: 'ENABLED' }])
  })

  test('leave nothing behind of a workflow that could not be published', async ({ stack, own }) => {
    const { engines } = workersEngines(stack)
    const template = await aTemplate(stack)
    await stack.owner.query(
      `update workflow_template_versions set flow = flow || '{"trigger": {"type": "NONE"}}' where template_id = $1`,
      [template.id],
    )
    await expect(engines.flowIdFor(own.integrationId, template)).rejects.toThrow()
    await eventually(async () => ((await own.flows()).length === 0 ? true : undefined))
    const { rows } = await stack.owner.query(
      'select flow_id, leased_until from integration_flows where template_id = $1',
      [template.id],
    )
    expect(rows).toEqual([{ flow_id: null, leased_until: null }])
  })

  test('stay open until they are changed', async ({ stack, own }) => {
    let time = Date.now()
    const { engines } = workersEngines(stack, () => time)
    const [first, twin] = await Promise.all([
      engines.engineFor(own.integrationId),
      engines.engineFor(own.integrationId),
    ])
    expect(twin).toBe(first)
    time += 60_000
    expect(await engines.engineFor(own.integrationId)).toBe(first)
    await own.set({ maxRuns: 3 })
    time += 60_000
    expect(await engines.engineFor(own.integrationId)).not.toBe(first)
  })

  test('serve the runs under way after their removal, until the account is forgotten', async ({ stack, own }) => {
    let time = Date.now()
    const { engines, database } = workersEngines(stack, () => time)
    await own.company.admin.api.integrations.remove.mutate({ companyId: own.company.id })
    expect(await (await engines.engineFor(own.integrationId)).status()).toMatchObject({ isAccountAccepted: true })
    expect(await database.own.transaction(forgetEngineSecrets)).toBeGreaterThan(0)
    time += 60_000
    const other = workersEngines(stack).engines
    await expect(other.engineFor(own.integrationId)).rejects.toThrow(EngineRefused)
    await expect(other.engineFor(own.company.id)).rejects.toThrow(EngineRefused)
  })
})
