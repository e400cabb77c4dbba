import { describe, expect } from 'vitest'
import type { ExecutionEvent } from '../../src/contracts/executions.ts'
import { startWorker } from '../../src/worker/worker.ts'
import { plainEnvelope } from '../support/flows.ts'
import { reached, readyToRun, runToEnd, watchToEnd } from '../support/runs.ts'
import { workerContext } from '../support/worker.ts'
import { test } from '../support/world.ts'

const quick = { code: `export const code = async () => ${plainEnvelope()}` }
const slow = {
  code: `export const code = async () => { await new Promise((done) => setTimeout(done, 700)); return ${plainEnvelope()} }`,
}

const insight = `{ id: 'one', title: 'One', finding: 'It is so.', computation: 'Counted.', action: 'Go on.', importance: 'low', figures: [] }`
const withInsight = {
  code: `export const code = async () => { await new Promise((done) => setTimeout(done, 300)); return ${plainEnvelope(`insights: [${insight}]`)} }`,
}

describe('the worker', () => {
  test('keeps a run while the engine cannot be reached, and starts it once it can', async ({ world }) => {
    const { person, start } = await readyToRun(world, quick)
    await world.stack.engine.stop()
    const executionId = await start()
    await reached(person, executionId, 'running')
    await world.stack.engine.start()
    const run = await runToEnd(person, executionId)
    expect(run).toMatchObject({ status: 'succeeded', retryCount: 0 })
  })

  test('goes on after a restart with the run that was under way, without starting it twice', async ({ world }) => {
    const { person, start } = await readyToRun(world, slow)
    const executionId = await start()
    await reached(person, executionId, 'running')
    await world.stack.restart()
    const events = await watchToEnd(person, executionId)
    expect(statuses(events)).toEqual(['pending', 'running', 'succeeded'])
    const { rows } = await world.stack.owner.query(
      'select number, status from execution_attempts where execution_id = $1',
      [executionId],
    )
    expect(rows).toEqual([{ number: 1, status: 'succeeded' }])
  })

  test('brings every run to its one end although the database cuts all connections again and again', async ({
    world,
  }) => {
    const { person, start } = await readyToRun(world, slow)
    const cut = () =>
      world.stack.owner.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and usename in ('studios_api', 'studios_worker')`,
      )
    const executionIds: string[] = []
    for (let n = 0; n < 4; n += 1) {
      executionIds.push(await start())
      await cut()
      // The first call after a cut may meet a connection that is gone.
      await person.api.me.profile.query().catch(() => undefined)
    }
    for (const executionId of executionIds) {
      expect((await runToEnd(person, executionId)).status).toBe('succeeded')
      const { items } = await person.api.executions.logs.query({ executionId, limit: 100 })
      expect(statuses(items)).toEqual(['pending', 'running', 'succeeded'])
    }
  })

  test('keeps to the number of runs at once that the plan allows, and takes companies in turn', async ({ world }) => {
    const [busy, other] = await Promise.all([readyToRun(world, slow), readyToRun(world, slow)])
    const started = await Promise.all([busy.start(), busy.start(), busy.start(), busy.start()])
    const late = await other.start()
    const runs = await Promise.all([...started.map((id) => runToEnd(busy.person, id)), runToEnd(other.person, late)])
    expect(runs.map((run) => run.status)).toEqual(Array(5).fill('succeeded'))
    const ours = runs.slice(0, 4)
    for (const run of ours) {
      const atOnce = ours.filter(
        (twin) => isBefore(twin.startedAt, run.startedAt) && isBefore(run.startedAt, twin.completedAt),
      )
      expect(atOnce.length).toBeLessThanOrEqual(2)
    }
    const lastOfOurs = ours
      .map((run) => run.startedAt ?? '')
      .sort((a, b) => a.localeCompare(b))
      .at(-1)
    expect(isBefore(runs[4]?.startedAt, lastOfOurs)).toBe(true)
  })

  test('shares its runs with a second worker, and everything is told once', async ({ world }) => {
    const { connections } = world.stack
    const second = await startWorker({
      ...workerContext(world.stack),
      databaseUrl: connections.database.workerUrl,
    })
    try {
      const teams = await Promise.all(Array.from({ length: 4 }, () => readyToRun(world, withInsight)))
      const runs = await Promise.all(
        teams.flatMap(({ person, start }) => [0, 1].map(async () => ({ person, id: await start() }))),
      )
      for (const { person, id } of runs) {
        const events = await watchToEnd(person, id)
        const told = events.map((event) => `${event.type} ${event.step ?? ''} ${event.data['status'] ?? ''}`)
        expect(told.toSorted((a, b) => a.localeCompare(b))).toEqual(
          [...new Set(told)].toSorted((a, b) => a.localeCompare(b)),
        )
        expect(statuses(events)).toEqual(['pending', 'running', 'succeeded'])
      }
    } finally {
      await second.close()
    }
  })

  test('cancels a run that the engine has, and takes nothing more from it', async ({ world }) => {
    const { person, start } = await readyToRun(world, slow)
    const executionId = await start()
    await reached(person, executionId, 'running')
    await person.api.executions.cancel.mutate({ executionId })
    const events = await watchToEnd(person, executionId)
    expect(statuses(events)).toEqual(['pending', 'running', 'cancelled'])
    await expect(person.api.executions.cancel.mutate({ executionId })).rejects.toMatchObject({
      data: { code: 'PRECONDITION_FAILED' },
    })
  })

  test('cancels at once a run that could not be sent to the engine', async ({ world }) => {
    const { person, start } = await readyToRun(world, quick)
    await world.stack.engine.stop()
    const executionId = await start()
    await reached(person, executionId, 'running')
    await person.api.executions.cancel.mutate({ executionId })
    expect(statuses(await watchToEnd(person, executionId))).toEqual(['pending', 'running', 'cancelled'])
    await world.stack.engine.start()
  })

  test('fails a run whose workflow is gone at the engine, with the reason', async ({ world }) => {
    const { person, start, templateId } = await readyToRun(world, quick)
    await world.stack.owner.query('update workflow_templates set activepieces_flow_id = $2 where id = $1', [
      templateId,
      'A'.repeat(21),
    ])
    const run = await runToEnd(person, await start())
    expect(run).toMatchObject({
      status: 'failed',
      failureKind: 'rejected',
      errorMessage: 'The run was not started: the workflow is missing at the engine.',
    })
  })
})

function statuses(events: ExecutionEvent[]): unknown[] {
  return events.filter((event) => event.type === 'status').map((event) => event.data['status'])
}

function isBefore(a: string | null | undefined, b: string | null | undefined): boolean {
  return (a ?? '') <= (b ?? '')
}
