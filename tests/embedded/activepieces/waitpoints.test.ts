import { describe, expect, test } from 'vitest'
import { code, piece, respond, webhookFlow } from './flows.ts'
import { Client, eventually, sharedEngine, startTestEngine } from './support.ts'

const expired = { message: 'This link has expired. The action may have already been processed.' }
const recorded = { message: 'Your response has been recorded. You can close this page now.' }

function approvalFlow() {
  return webhookFlow([
    piece('links', 'approval create_approval_links'),
    piece('wait', 'approval wait_for_approval'),
    code('after', 'export const code = async (i) => ({ approved: i.approved })', { approved: '{{wait.approved}}' }),
  ])
}

function respondAndWaitFlow() {
  const fields = { status: 202, headers: {}, body: { phase: 1 } }
  const action = 'webhook return_response_and_wait_for_next_webhook'
  return webhookFlow([
    piece('wait', action, { responseType: 'json', fields }),
    respond('answer', { got: "{{wait['body']}}", phase: 2 }),
  ])
}

async function pausedApproval() {
  const { client } = await sharedEngine()
  const flowId = await client.publish(approvalFlow())
  await client.trigger(flowId)
  const run = await client.waitForNewest(flowId, 'PAUSED')
  const links = run.steps['links']?.output as { approvalLink: string; disapprovalLink: string }
  return { client, run, links }
}

async function open(url: string, init: RequestInit = {}) {
  const response = await fetch(url, init)
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}

describe('an approval', () => {
  test('pauses the run until its link is opened, by anybody, once', async () => {
    const { client, run, links } = await pausedApproval()
    expect(run.steps['wait']).toMatchObject({ status: 'PAUSED', output: {} })
    expect(await open(links.approvalLink)).toEqual({ status: 200, body: recorded })
    const ended = await client.waitForRun(run.id, 'SUCCEEDED')
    expect(ended.steps['after']?.output).toEqual({ approved: true })
    expect(await open(links.approvalLink)).toEqual({ status: 200, body: expired })
  })

  test('can be refused', async () => {
    const { client, run, links } = await pausedApproval()
    await open(links.disapprovalLink)
    expect((await client.waitForRun(run.id, 'SUCCEEDED')).steps['after']?.output).toEqual({ approved: false })
  })

  test('of a cancelled run is over, and the paused step stays paused', async () => {
    const { client, run, links } = await pausedApproval()
    await client.call('POST', '/flow-runs/cancel', { projectId: client.projectId, flowRunIds: [run.id] })
    expect(await open(links.approvalLink)).toEqual({ status: 200, body: expired })
    const cancelled = await client.run(run.id)
    expect(cancelled).toMatchObject({ status: 'CANCELED', finishTime: null, steps: { wait: { status: 'PAUSED' } } })
  })

  test('answers unknown links as expired, and unknown runs with 404', async () => {
    const { client, run } = await pausedApproval()
    const unknown = 'AAAAAAAAAAAAAAAAAAAAA'
    const publicly = new Client(client.base)
    expect((await publicly.call('GET', `/flow-runs/${run.id}/waitpoints/${unknown}`)).body).toEqual(expired)
    expect(await publicly.call('GET', `/flow-runs/${run.id}/waitpoints/${unknown}/sync`)).toMatchObject({
      status: 410,
      body: expired,
    })
    expect((await publicly.call('GET', `/flow-runs/${unknown}/waitpoints/${unknown}`)).status).toBe(404)
  })
})

describe('respond and wait', () => {
  test('answers, names the link to go on with, and answers that too', async () => {
    const { client } = await sharedEngine()
    const flowId = await client.publish(respondAndWaitFlow())
    const first = await client.triggerSync(flowId, { n: 1 })
    expect(first).toMatchObject({ status: 202, body: { phase: 1 } })
    const link = first.headers.get('x-activepieces-resume-webhook-url') ?? ''
    const run = await client.waitForNewest(flowId, 'PAUSED')
    expect(link).toContain(`/flow-runs/${run.id}/waitpoints/`)
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"answer":42}' }
    expect(await open(link, init)).toEqual({ status: 200, body: { phase: 2, got: { answer: 42 } } })
    await client.waitForRun(run.id, 'SUCCEEDED')
    expect(await open(link, init)).toEqual({
      status: 409,
      body: { message: 'Flow run is not paused', flowRunStatus: 'SUCCEEDED' },
    })
  })

  test('called before the run is stored as paused, goes on but answers nobody', async () => {
    const { client } = await startTestEngine({ limits: { webhookTimeoutMs: 100 } })
    const flowId = await client.publish(
      webhookFlow([
        piece('links', 'approval create_approval_links'),
        code('slow', 'export const code = () => new Promise((done) => setTimeout(done, 300))'),
        piece('wait', 'approval wait_for_approval'),
        respond('answer', { approved: '{{wait.approved}}' }),
      ]),
    )
    await client.trigger(flowId)
    const run = await client.waitForNewest(flowId, 'RUNNING')
    const link = await eventually(async () => {
      const output = (await client.run(run.id)).steps['links']?.output as { approvalLink: string } | undefined
      return output?.approvalLink
    })
    expect(await open(link.replace('?', '/sync?'))).toEqual({ status: 204, body: null })
    const ended = await client.waitForRun(run.id, 'SUCCEEDED')
    expect(ended.steps['answer']?.output).toMatchObject({ body: { approved: true } })
  })
})

describe('a delay', () => {
  test('up to the limit waits in process, above it pauses and goes on by itself', async () => {
    const { client } = await startTestEngine({ limits: { inProcessDelayMs: 200 } })
    const delay = (name: string, seconds: number) =>
      piece(name, 'delay delayFor', { unit: 'seconds', delayFor: seconds })
    const short = await client.publish(webhookFlow([delay('wait', 0.1)]))
    const shortRun = await client.runToEnd(short)
    expect(shortRun).toMatchObject({ status: 'SUCCEEDED', steps: { wait: { output: { success: true } } } })
    const long = await client.publish(webhookFlow([delay('wait', 0.4), code('after', 'export const code = () => 1')]))
    await client.trigger(long)
    const paused = await client.waitForNewest(long, 'PAUSED')
    expect(paused.steps['wait']).toMatchObject({ status: 'PAUSED', output: {} })
    expect(await client.waitForRun(paused.id, 'SUCCEEDED')).toMatchObject({ steps: { after: { output: 1 } } })
  })

  test('until a date follows the clock of the engine', async () => {
    const until = '2030-01-01T00:00:00.000Z'
    let now = Date.parse(until) - 3_600_000
    const { client } = await startTestEngine({ now: () => now })
    const flowId = await client.publish(
      webhookFlow([piece('wait', 'delay delayUntil', { delayUntilTimestamp: until })]),
    )
    await client.trigger(flowId)
    const run = await client.waitForNewest(flowId, 'PAUSED')
    now += 3_600_000
    await client.trigger(flowId)
    await client.waitForRun(run.id, 'SUCCEEDED')
  })
})
