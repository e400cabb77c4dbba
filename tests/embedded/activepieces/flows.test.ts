import { expect, test } from 'vitest'
import { z } from 'zod'
import { code, piece, respond, webhookFlow } from './flows.ts'
import { type Client, eventually, sharedEngine, startTestEngine } from './support.ts'

const flowShape = z.looseObject({
  id: z.string(),
  status: z.string(),
  publishedVersionId: z.string().nullable(),
  version: z.looseObject({
    id: z.string(),
    state: z.string(),
    valid: z.boolean(),
    schemaVersion: z.string(),
    trigger: z.unknown(),
  }),
})

async function create(client: Client) {
  const answer = await client.call('POST', '/flows', { displayName: 'Test', projectId: client.projectId })
  return flowShape.parse(answer.body)
}

async function operate(client: Client, flowId: string, type: string, request: object) {
  const answer = await client.call('POST', `/flows/${flowId}`, { type, request })
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return flowShape.parse(answer.body)
}

const imported = (trigger: object, schemaVersion: string | null = '20') => ({
  displayName: 'Test',
  schemaVersion,
  notes: null,
  trigger,
})

test('an import on a published flow makes a draft; the published version runs until the next publication', async () => {
  const { client } = await sharedEngine()
  const { id } = await create(client)
  const first = await operate(client, id, 'IMPORT_FLOW', imported(webhookFlow([respond('answer', { version: 1 })])))
  expect(first).toMatchObject({ status: 'DISABLED', version: { state: 'DRAFT', valid: true } })
  const published = await operate(client, id, 'LOCK_AND_PUBLISH', {})
  expect(published).toMatchObject({
    status: 'ENABLED',
    publishedVersionId: first.version.id,
    version: { state: 'LOCKED' },
  })
  const second = await operate(client, id, 'IMPORT_FLOW', imported(webhookFlow([respond('answer', { version: 2 })])))
  expect(second.version).toMatchObject({ state: 'DRAFT' })
  expect(second.version.id).not.toBe(first.version.id)
  expect((await client.triggerSync(id)).body).toEqual({ version: 1 })
  await operate(client, id, 'LOCK_AND_PUBLISH', {})
  expect((await client.triggerSync(id)).body).toEqual({ version: 2 })
  const versions = await client.call('GET', `/flows/${id}/versions`)
  expect(versions.body).toMatchObject({ data: [{ id: second.version.id }, { id: first.version.id }] })
})

test('bare references of version 20 are nested on import, and so are those of 23; what declares 22 is left alone', async () => {
  const { client } = await sharedEngine()
  const flow = webhookFlow([code('one', 'export const code = async (i) => i', { n: "{{trigger['body']['n']}}" })])
  for (const [schemaVersion, expected] of [
    ['20', 5],
    ['23', 5],
    [null, 5],
    ['22', ''],
  ] as const) {
    const { id } = await create(client)
    const { version } = await operate(client, id, 'IMPORT_FLOW', imported(flow, schemaVersion))
    expect(version.schemaVersion).toBe('22')
    await operate(client, id, 'LOCK_AND_PUBLISH', {})
    expect((await client.runToEnd(id, { n: 5 })).steps['one']?.output).toEqual({ n: expected })
  }
})

test('a template exports what can be imported again', async () => {
  const { client } = await sharedEngine()
  const id = await client.publish(
    webhookFlow([code('one', 'export const code = () => 1'), respond('answer', { r: '{{one}}' })]),
  )
  const template = z
    .object({
      name: z.string(),
      pieces: z.array(z.string()),
      flows: z.array(z.looseObject({ trigger: z.looseObject({}), schemaVersion: z.string() })),
    })
    .parse((await client.call('GET', `/flows/${id}/template`)).body)
  expect(template.pieces).toEqual(['@activepieces/piece-webhook'])
  const copy = await create(client)
  const [flow] = template.flows
  await operate(client, copy.id, 'IMPORT_FLOW', imported(flow?.trigger ?? {}, flow?.schemaVersion ?? ''))
  await operate(client, copy.id, 'LOCK_AND_PUBLISH', {})
  expect((await client.triggerSync(copy.id)).body).toEqual({ r: 1 })
})

test('a flow with an unfit step is kept, and says that it is not valid', async () => {
  const { client } = await sharedEngine()
  const { id } = await create(client)
  const named = await operate(client, id, 'IMPORT_FLOW', imported(webhookFlow([code('bad-name!', 'x')])))
  expect(named.version.valid).toBe(false)
  const twins = webhookFlow([code('one', 'export const code = () => 1'), code('one', 'export const code = () => 1')])
  expect((await operate(client, id, 'IMPORT_FLOW', imported(twins))).version.valid).toBe(false)
  const unknown = webhookFlow([piece('one', 'does-not-exist go', {})])
  expect((await operate(client, id, 'IMPORT_FLOW', imported(unknown))).version.valid).toBe(true)
})

test('an operation it does not have is FLOW_OPERATION_INVALID, one that nobody has is a bad request', async () => {
  const { client } = await sharedEngine()
  const { id } = await create(client)
  const move = await client.call('POST', `/flows/${id}`, { type: 'MOVE_ACTION', request: {} })
  expect(move).toMatchObject({ status: 400, body: { code: 'FLOW_OPERATION_INVALID' } })
  const nope = await client.call('POST', `/flows/${id}`, { type: 'NOPE', request: {} })
  expect(nope).toMatchObject({ status: 400, body: { code: 'FST_ERR_VALIDATION', message: 'body/ Invalid input' } })
  const empty = await client.call('POST', `/flows/${id}`, { type: 'LOCK_AND_PUBLISH', request: {} })
  expect(empty).toMatchObject({ status: 404, body: { params: { entityType: 'piece_trigger' } } })
})

test('a deleted flow takes its runs and its address with it, a moment later', async () => {
  const { client } = await startTestEngine({ limits: { deletionDelayMs: 400 } })
  const id = await client.publish(webhookFlow([code('one', 'export const code = () => "x".repeat(40000)')]))
  const run = await client.runToEnd(id)
  expect((await client.call('DELETE', `/flows/${id}`)).status).toBe(204)
  expect(await client.call('GET', `/flows/${id}`)).toMatchObject({ status: 200, body: { operationStatus: 'DELETING' } })
  await eventually(async () => ((await client.call('GET', `/flows/${id}`)).status === 404 ? true : undefined))
  expect((await client.call('GET', `/flow-runs/${run.id}`)).status).toBe(404)
  expect((await client.trigger(id)).status).toBe(410)
})

test('flows are listed newest first, by page, status and name, also those of one millisecond', async () => {
  const stopped = Date.now()
  const { client } = await startTestEngine({ now: () => stopped })
  const ids: string[] = []
  for (let n = 0; n < 9; n += 1) ids.unshift((await create(client)).id)
  const seen: string[] = []
  let cursor = ''
  do {
    const answer = await client.call('GET', `/flows?projectId=${client.projectId}&limit=2${cursor}`)
    const page = z.object({ data: z.array(flowShape), next: z.string().nullable() }).parse(answer.body)
    seen.push(...page.data.map((flow) => flow.id))
    cursor = page.next === null ? '' : `&cursor=${encodeURIComponent(page.next)}`
  } while (cursor !== '')
  expect(seen).toEqual(ids)
  await operate(client, ids[0] ?? '', 'CHANGE_NAME', { displayName: 'Named' })
  const named = await client.call('GET', `/flows?projectId=${client.projectId}&name=named&status=DISABLED`)
  expect(named.body).toMatchObject({ data: [{ id: ids[0] }] })
  expect((await client.call('GET', `/flows?projectId=${client.projectId}&status=ENABLED`)).body).toMatchObject({
    data: [],
  })
})
