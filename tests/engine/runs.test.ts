import { describe, expect, test } from 'vitest'
import { code, loop, piece, webhookFlow } from '../embedded/activepieces/flows.ts'
import { clientOfSharedEngine, seen, started } from './support/engine.ts'

const unknown = 'A'.repeat(21)
const waitingFlow = () =>
  webhookFlow([
    piece('links', 'approval create_approval_links'),
    piece('wait', 'approval wait_for_approval'),
    code('after', 'export const code = async (i) => i', { approved: '{{wait.approved}}' }),
  ])

async function pausedRun() {
  const { client, engine } = await clientOfSharedEngine()
  const runId = await started(client, await client.publish(waitingFlow()), 'PAUSED')
  const look = () => engine.getRun(runId, 'after')
  return { engine, runId, look, run: await seen(look, 'paused') }
}

describe('a paused run', () => {
  test('tells the step it waits at and the waitpoints that its outputs name', async () => {
    const { run } = await pausedRun()
    expect(run.pausedStep).toEqual({ name: 'wait' })
    expect(run.waitpoints).toEqual({ links: expect.stringMatching(/^[0-9A-Za-z]{21}$/) })
    expect(run.finishedAt).toBeUndefined()
  })

  test('goes on with the answer, and takes no second one', async () => {
    const { engine, runId, run, look } = await pausedRun()
    const waitpoint = run.waitpoints['links'] ?? ''
    const answer = { action: 'approve', body: {} } as const
    expect(await engine.resume(runId, waitpoint, answer)).toEqual({ kind: 'taken' })
    const ended = await seen(look, 'succeeded')
    expect(ended).toMatchObject({ waitpoints: {}, pausedStep: undefined, finishedAt: expect.any(String) })
    expect(ended.steps.at(-1)).toMatchObject({ name: 'after', input: { approved: true }, output: { approved: true } })
    expect(await engine.resume(runId, waitpoint, answer)).toEqual({ kind: 'stale' })
  })

  test('can be answered with a no', async () => {
    const { engine, runId, run, look } = await pausedRun()
    await engine.resume(runId, run.waitpoints['links'] ?? '', { action: 'disapprove', body: {} })
    expect((await seen(look, 'succeeded')).steps.at(-1)?.output).toEqual({ approved: false })
  })

  test('is known as over where the engine knows neither it nor its waitpoint', async () => {
    const { engine, runId } = await pausedRun()
    const answer = { action: undefined, body: {} }
    expect(await engine.resume(runId, unknown, answer)).toEqual({ kind: 'stale' })
    expect(await engine.resume(unknown, unknown, answer)).toEqual({ kind: 'stale' })
  })

  test('is asked for by nothing but an id of the engine', async () => {
    const { engine, runId } = await pausedRun()
    const answer = { action: undefined, body: {} }
    await expect(engine.resume(runId, '../../flows?x=', answer)).rejects.toThrow()
    await expect(engine.getRun('../flows', 'after')).rejects.toThrow()
  })

  test('that only lets time pass says until when', async () => {
    const { client, engine } = await clientOfSharedEngine()
    const delay = piece('rest', 'delay delayFor', { unit: 'hours', delayFor: 2 })
    const runId = await started(client, await client.publish(webhookFlow([delay])), 'PAUSED')
    const run = await seen(() => engine.getRun(runId, 'rest'), 'paused')
    expect(run.pausedStep?.name).toBe('rest')
    expect(Date.parse(run.pausedStep?.resumesAt ?? '') - Date.now()).toBeGreaterThan(7_100_000)
    expect(run.waitpoints).toEqual({})
  })

  test('within a loop is found in what the loop has put out so far', async () => {
    const { client, engine } = await clientOfSharedEngine()
    const steps = [piece('links', 'approval create_approval_links'), piece('wait', 'approval wait_for_approval')]
    const runId = await started(client, await client.publish(webhookFlow([loop('each', [1], steps)])), 'PAUSED')
    const run = await seen(() => engine.getRun(runId, 'each'), 'paused')
    expect(run.waitpoints).toEqual({ each: expect.stringMatching(/^[0-9A-Za-z]{21}$/) })
  })
})

describe('a failed run', () => {
  const failsOnce = `export const code = async () => { throw new Error('not today') }`

  test('is taken up again at the step that failed, under its own id', async () => {
    const { client, engine } = await clientOfSharedEngine()
    const steps = [code('first', 'export const code = async () => ({ at: Date.now() })'), code('second', failsOnce)]
    const runId = await started(client, await client.publish(webhookFlow(steps)), 'FAILED')
    const before = await seen(() => engine.getRun(runId, 'second'), 'failed')
    expect(before).toMatchObject({ failedStep: { name: 'second', message: 'not today' } })
    expect(await engine.retry(runId)).toEqual({ kind: 'accepted' })
    const after = await seen(async () => {
      const run = await engine.getRun(runId, 'second')
      return run?.finishedAt === before.finishedAt ? undefined : run
    }, 'failed')
    const first = (run: typeof before) => run.steps.find((step) => step.name === 'first')?.output
    expect(first(after)).toEqual(first(before))
  })

  test('cannot be taken up where the engine does not know it', async () => {
    const { engine } = await clientOfSharedEngine()
    expect(await engine.retry(unknown)).toEqual({
      kind: 'gone',
      reason: 'the engine does not know the run any more',
    })
  })
})

describe('a large output', () => {
  test('is fetched whole for the result step, and named by its size for any other', async () => {
    const { client, engine } = await clientOfSharedEngine()
    const large = `export const code = async () => ({ text: 'x'.repeat(40_000) })`
    const flow = webhookFlow([code('other', large), code('result', large)])
    const runId = await started(client, await client.publish(flow), 'SUCCEEDED')
    const run = await engine.getRun(runId, 'result')
    expect(run?.steps.find((step) => step.name === 'result')?.output).toEqual({ text: 'x'.repeat(40_000) })
    const other = run?.steps.find((step) => step.name === 'other')
    expect(other?.output).toBeUndefined()
    expect(other?.outputSize).toBeGreaterThan(40_000)
  })
})

describe('the engine', () => {
  test('tells its version, its limits and that it takes the account', async () => {
    const { client, engine } = await clientOfSharedEngine()
    expect(await engine.status()).toEqual({
      isHealthy: true,
      problem: undefined,
      version: '0.85.4',
      edition: 'ce',
      limits: { flowSeconds: 600, payloadMegabytes: undefined, fileMegabytes: 25, retentionDays: 30 },
      isAccountAccepted: true,
      projectId: client.projectId,
      breaker: 'closed',
    })
  })
})
