import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { type EmbeddedEngine, startEngine } from '../../../src/embedded/activepieces/index.ts'
import { compileCache } from '../../support/compile-cache.ts'
import { code, loop, piece, respond, router, webhookFlow } from './flows.ts'
import { Client, eventually, restart, temporaryFolder } from './support.ts'

const sleepFor = (ms: number) => `export const code = async (i) => {
  await new Promise((done) => setTimeout(done, ${ms}))
  return { at: i.item ?? null, ran: true }
}`

/** An engine in a process of its own, to be killed without warning. */
async function startChild(dataDir: string, workers = 4) {
  const script = `import { startEngine } from '${new URL('../../../src/embedded/activepieces/index.ts', import.meta.url)}'
    const engine = await startEngine({ dataDir: process.argv[1], workers: Number(process.argv[2]) })
    console.log(engine.url)`
  const args = ['--input-type=module', '--eval', script, dataDir, String(workers)]
  const child = spawn(process.execPath, args, { env: compileCache, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  const [url] = await once(lines, 'line')
  const kill = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { client: await new Client(String(url)).signUp(), kill }
}

describe('an engine that is closed in the middle of a run', () => {
  test('goes on from the last finished step when it starts again', async () => {
    const dataDir = temporaryFolder()
    const engine: EmbeddedEngine = await startEngine({ dataDir, limits: { closeGraceMs: 0 } })
    const client = await new Client(engine.url).signUp()
    const steps = [
      code('one', 'export const code = () => Math.random()'),
      code('two', sleepFor(400)),
      code('three', sleepFor(1)),
    ]
    const flowId = await client.publish(webhookFlow(steps))
    await client.trigger(flowId)
    const before = await eventually(async () => {
      const [newest] = await client.listRuns()
      const run = newest === undefined ? undefined : await client.run(newest.id)
      return run?.steps['two']?.status === 'RUNNING' ? run : undefined
    })
    await engine.close()
    const again = await restart(dataDir)
    const after = await again.client.waitForRun(before.id, 'SUCCEEDED')
    expect(after.steps['one']?.output).toBe(before.steps['one']?.output)
    expect(after.steps['three']).toMatchObject({ status: 'SUCCEEDED', output: { ran: true } })
  })

  test('lets the running step finish within its grace and starts no other', async () => {
    const dataDir = temporaryFolder()
    const engine = await startEngine({ dataDir, limits: { closeGraceMs: 5000 } })
    const client = await new Client(engine.url).signUp()
    const flowId = await client.publish(webhookFlow([code('one', sleepFor(150)), code('two', sleepFor(60_000))]))
    await client.trigger(flowId)
    const run = await client.waitForNewest(flowId, 'RUNNING')
    const started = Date.now()
    await engine.close()
    expect(Date.now() - started).toBeLessThan(3000)
    const again = await restart(dataDir, { workers: 0 })
    const seen = await again.client.run(run.id)
    expect(seen).toMatchObject({ status: 'RUNNING', steps: { one: { status: 'SUCCEEDED' } } })
    expect(seen.steps).not.toHaveProperty('two')
  })

  test('keeps a second engine off its folder', async () => {
    const dataDir = temporaryFolder()
    const engine = await startEngine({ dataDir })
    await expect(startEngine({ dataDir })).rejects.toThrow(/locked/)
    await engine.close()
    const again = await startEngine({ dataDir })
    await again.close()
  })
})

describe('an engine that is killed', () => {
  test('resumes what was running, starts what was queued, and still waits for what was paused', async () => {
    const dataDir = temporaryFolder()
    const { client, kill } = await startChild(dataDir, 2)
    const running = await client.publish(
      webhookFlow([
        loop('each', "{{trigger['body']['items']}}", [code('item', sleepFor(120), { item: '{{each.item}}' })]),
        router('pick', [{ steps: [code('chosen', 'export const code = () => "taken"')] }]),
      ]),
    )
    const paused = await client.publish(webhookFlow([piece('wait', 'delay delayFor', { unit: 'hours', delayFor: 1 })]))
    await client.trigger(paused)
    const waiting = await client.waitForNewest(paused, 'PAUSED')
    for (let n = 0; n < 3; n += 1) await client.trigger(running, { items: [1, 2, 3, 4] })
    const seen = await eventually(async () => {
      const runs = await Promise.all((await client.listRuns('&status=RUNNING')).map((run) => client.run(run.id)))
      return runs.find((run) => iterationsOf(run.steps['each']?.output) >= 2)
    })
    await kill()

    const again = await restart(dataDir)
    const runs = await eventually(async () => {
      const found = await again.client.listRuns(`&flowId=${running}&status=SUCCEEDED`)
      return found.length === 3 ? found : undefined
    })
    expect(runs.map((run) => run.id)).toContain(seen.id)
    const resumed = await again.client.run(seen.id)
    expect(resumed.steps).toMatchObject({ each: { output: { index: 4 } }, chosen: { output: 'taken' } })
    expect(iterationsOf(resumed.steps['each']?.output)).toBe(4)
    expect(resumed.stepsCount).toBeLessThan(5)
    expect((await again.client.run(waiting.id)).status).toBe('PAUSED')
  })

  test('loses no accepted call and runs none twice', async () => {
    const dataDir = temporaryFolder()
    const { client, kill } = await startChild(dataDir, 1)
    const flowId = await client.publish(
      webhookFlow([code('one', sleepFor(5)), respond('answer', { n: "{{trigger['body']['n']}}" })]),
    )
    const numbers = Array.from({ length: 40 }, (_, n) => n)
    const accepted = await Promise.all(numbers.map((n) => client.trigger(flowId, { n })))
    expect(accepted.every((answer) => answer.status === 200)).toBe(true)
    await kill()
    const again = await restart(dataDir)
    const runs = await eventually(async () => {
      const found = await again.client.listRuns(`&flowId=${flowId}&status=SUCCEEDED`)
      return found.length >= numbers.length ? found : undefined
    })
    const done = await Promise.all(runs.map((run) => again.client.run(run.id)))
    const seen = done.map((run) => answerOf(run.steps['answer']?.output))
    expect(seen.toSorted((a, b) => a - b)).toEqual(numbers)
  })

  test('resumes a delay whose time came while it was down', async () => {
    const dataDir = temporaryFolder()
    const { client, kill } = await startChild(dataDir)
    const flowId = await client.publish(
      webhookFlow([piece('wait', 'delay delayFor', { unit: 'seconds', delayFor: 30 })]),
    )
    await client.trigger(flowId)
    const run = await client.waitForNewest(flowId, 'PAUSED')
    await kill()
    const later = Date.now() + 60_000
    const again = await restart(dataDir, { now: () => later })
    await again.client.waitForRun(run.id, 'SUCCEEDED')
  })
})

function iterationsOf(output: unknown): number {
  const found = output as { iterations?: unknown[] } | undefined
  return found?.iterations?.length ?? 0
}

function answerOf(output: unknown): number {
  return z.object({ body: z.object({ n: z.number() }) }).parse(output).body.n
}
