import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { createStudiosClient, type StudiosClient, studiosError } from '../../src/client.ts'
import { freePort } from '../../src/embedded/postgres.ts'
import { plainEnvelope } from '../support/flows.ts'
import { readyToRun } from '../support/runs.ts'
import { startTestStack, type TestStack } from '../support/stack.ts'
import { test, worldOn } from '../support/world.ts'
import { Chance } from './chance.ts'
import { type Fault, faultyProxy } from './faulty-proxy.ts'
import { type Killable, startKillable } from './services.ts'

// biome-ignore lint/style/noProcessEnv: `npm run test:faults` sets it; fewer leave the whole suite its three minutes
const runs = Number(process.env['FAULT_RUNS'] ?? 200)
const startersAtOnce = 16
// biome-ignore lint/style/noProcessEnv: repeats a run of this test with the seed that it printed
const seed = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

const share = (fault: Fault, weight: number) => [fault, weight] as const
const engineFaults = [
  [undefined, 88] as const,
  ...(['drop', 'reset', 'cut', 'double', 'refuse', 'fail', 'garble'] as const).map((fault) => share(fault, 1.2)),
  share('delay', 3),
  share('swallow', 0.6),
]
const callbackFaults = [
  [undefined, 80] as const,
  ...(['drop', 'reset', 'double', 'fail'] as const).map((fault) => share(fault, 4)),
  share('delay', 4),
]

const insight = `{ id: 'n', title: 'Run ' + input.n, finding: 'It ran.', computation: 'Counted.', action: 'Go on.', importance: 'low', figures: [] }`
const workflow = {
  code: `export const code = async ({ input }) => ${plainEnvelope(`data: { n: input.n }, insights: [${insight}], effects: [{ kind: 'insight.record', arguments: ${insight} }]`)}`,
  effects: ['insight.record'],
}

/** Starts every run, however often it has to ask: the same key never makes two. */
async function startAll(api: StudiosClient, where: { studioId: string; templateId: string }): Promise<void> {
  let next = 0
  const starter = async () => {
    while (next < runs) {
      const n = next++
      const request = { ...where, input: { n }, idempotencyKey: `run-${n}` }
      for (;;) {
        const error = await api.executions.start.mutate(request).then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
        if (error === undefined) break
        const code = studiosError(error)?.code
        if (code && code !== 'UNAVAILABLE' && code !== 'INTERNAL') throw error
        await delay(250)
      }
    }
  }
  await Promise.all(Array.from({ length: startersAtOnce }, starter))
}

async function untilAllEnded(stack: TestStack): Promise<void> {
  for (;;) {
    const { rows } = await stack.owner.query(
      `select count(*) filter (where status not in ('succeeded', 'failed', 'cancelled'))::int as open,
        (select count(*)::int from execution_effects where outcome = 'waiting') as waiting from workflow_executions`,
    )
    if (rows[0].open === 0 && rows[0].waiting === 0) return
    await delay(200)
  }
}

/** Kills one service after another at random moments until told to stop. */
async function disturb(chance: Chance, services: Killable[], stack: TestStack, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(chance.between(1500, 4000), undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    const victim = chance.pick([...services.map((service) => [service, 3] as const), [undefined, 1] as const])
    if (victim) await victim.kill()
    else {
      await stack.engine.stop()
      await stack.engine.start()
    }
  }
}

test(`${runs} runs survive a faulty network and services that are killed: none lost, none ended twice, no effect twice`, async () => {
  process.stdout.write(`FAULT_SEED=${seed}\n`)
  const stack = await startTestStack()
  onTestFinished(() => stack.close())
  const ready = await readyToRun(worldOn(stack), workflow)
  await stack.closeService()
  await stack.owner.query(
    `insert into company_limits (company_id, max_executions_per_month, max_concurrent_executions) values ($1, 1000000, 40)`,
    [ready.companyId],
  )
  const engine = await faultyProxy(() => stack.connections.engine.url, new Chance(seed), engineFaults)
  const port = await freePort()
  const callbacks = await faultyProxy(() => `http://127.0.0.1:${port}`, new Chance(seed + 1), callbackFaults)
  const variables = {
    PORT: String(port),
    ACTIVEPIECES_URL: engine.url,
    CALLBACK_URL: callbacks.url,
    ENGINE_ROW_WINDOW_SECONDS: '4',
    ENGINE_SECOND_LOOK_SECONDS: '1',
    RUN_RETRY_SECONDS: '0',
    WORKER_LEASE_SECONDS: '3',
  }
  const services = await Promise.all([
    startKillable(stack, { ...variables, ROLE: 'api' }),
    startKillable(stack, { ...variables, ROLE: 'worker' }),
    startKillable(stack, { ...variables, ROLE: 'worker' }),
  ])
  onTestFinished(async () => {
    await Promise.all([...services.map((service) => service.close()), engine.close(), callbacks.close()])
  })
  const calm = new AbortController()
  // When the test fails, too: what is killed after it would be started again for ever.
  onTestFinished(() => calm.abort())
  const disturbing = disturb(new Chance(seed + 2), services, stack, calm.signal)
  const api = createStudiosClient({ url: `http://127.0.0.1:${port}`, accessToken: () => ready.person.accessToken })
  await startAll(api, ready)
  await untilAllEnded(stack)
  calm.abort()
  await disturbing
  await report(stack, { ...engine.counts }, { ...callbacks.counts }, services)
  await expectEachOnce(stack)
}, 170_000)

async function report(stack: TestStack, ...told: unknown[]): Promise<void> {
  const { rows } = await stack.owner.query(
    `select status, failure_kind, retry_count, count(*)::int from workflow_executions group by 1, 2, 3 order by 4 desc`,
  )
  const [engine, callbacks, services] = told
  const kills = (services as Killable[]).map((service) => service.kills)
  process.stdout.write(`${JSON.stringify({ runs: rows, engine, callbacks, kills })}\n`)
}

async function expectEachOnce({ owner }: TestStack): Promise<void> {
  const ask = async (question: string) => (await owner.query(question)).rows
  expect(
    await ask('select count(*)::int as runs, count(distinct idempotency_key)::int as keys from workflow_executions'),
  ).toEqual([{ runs, keys: runs }])
  const unended = `select id from workflow_executions where status not in ('succeeded', 'failed') or completed_at is null`
  expect(await ask(unended)).toEqual([])
  const endings = `select execution_id from execution_events where type = 'status' and data ->> 'status' in ('succeeded', 'failed', 'cancelled')
    group by execution_id having count(*) <> 1`
  expect(await ask(endings)).toEqual([])
  const unexplained = `select id from workflow_executions where status = 'failed' and (error_message is null or failure_kind is null)`
  expect(await ask(unexplained)).toEqual([])
  const foreign = `select id from workflow_executions where status = 'succeeded' and output_data #> '{data,n}' is distinct from input_data -> 'n'`
  expect(await ask(foreign), 'every run has its own result').toEqual([])
  const toldTwice = `select execution_id from execution_events where type = 'insight' group by execution_id having count(*) <> 1`
  expect(await ask(toldTwice)).toEqual([])
  const effects = `select (select count(*)::int from workflow_executions where status = 'succeeded') as succeeded,
    (select count(*)::int from execution_effects where outcome = 'applied') as applied,
    (select count(*)::int from insights) as insights, (select count(distinct execution_id)::int from insights) as distinct_insights`
  const [counts] = await ask(effects)
  expect(counts).toEqual({
    succeeded: counts.succeeded,
    applied: counts.succeeded,
    insights: counts.succeeded,
    distinct_insights: counts.succeeded,
  })
  expect(counts.succeeded, 'faults between services make few runs fail').toBeGreaterThan(runs * 0.95)
}
