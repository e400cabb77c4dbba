import { describe, expect, onTestFinished } from 'vitest'
import type { ExecutionEvent } from '../../src/contracts/executions.ts'
import { notNow, refusal } from '../routers/refusal.ts'
import { readyToRun, runToEnd, watchToEnd } from '../support/runs.ts'
import { test, type World } from '../support/world.ts'
import { asksService, unsteadyService } from './unsteady-workflows.ts'

async function failedRun(world: World, ...statuses: number[]) {
  const service = await unsteadyService(...statuses)
  onTestFinished(service.close)
  const ready = await readyToRun(world, asksService)
  const executionId = await ready.start({ url: service.url })
  const failed = await runToEnd(ready.person, executionId)
  expect(failed).toMatchObject({ status: 'failed', failureKind: 'step_failed', failedStep: 'ask', retryCount: 0 })
  return { ...ready, service, executionId, failed }
}

const done = (events: ExecutionEvent[], step: string) =>
  events.filter((event) => event.step === step && event.data['status'] === 'succeeded').length

const attemptsOf = async (world: World, executionId: string) =>
  (
    await world.stack.owner.query(
      `select number, origin, a.status, engine_run_id = e.activepieces_run_id as "isLast"
       from execution_attempts a join workflow_executions e on e.id = a.execution_id where execution_id = $1 order by number`,
      [executionId],
    )
  ).rows

describe('a failed run that is tried again', () => {
  test('from its failed step keeps what the steps before it gave, and its earlier try', async ({ world }) => {
    const { person, executionId, failed } = await failedRun(world, 500, 200)
    const pending = await person.api.executions.retry.mutate({ executionId, from: 'failed_step' })
    expect(pending).toMatchObject({ status: 'pending', retryCount: 1, errorMessage: null, failureKind: null })
    const events = await watchToEnd(person, executionId)
    const run = await person.api.executions.byId.query({ executionId })
    expect(run).toMatchObject({ status: 'succeeded', activepiecesRunId: failed.activepiecesRunId })
    expect([done(events, 'prepare'), done(events, 'ask')]).toEqual([1, 1])
    expect(events.filter(({ level }) => level === 'error').length, 'the first failure stays readable').toBeGreaterThan(
      0,
    )
    expect(await attemptsOf(world, executionId)).toEqual([
      { number: 1, origin: 1, status: 'failed', isLast: true },
      { number: 2, origin: 1, status: 'succeeded', isLast: true },
    ])
  })

  test('from the start does everything anew', async ({ world }) => {
    const { person, executionId, failed } = await failedRun(world, 500, 200)
    await person.api.executions.retry.mutate({ executionId, from: 'start' })
    const events = await watchToEnd(person, executionId)
    const run = await person.api.executions.byId.query({ executionId })
    expect(run.status).toBe('succeeded')
    expect(run.activepiecesRunId).not.toBe(failed.activepiecesRunId)
    expect(done(events, 'prepare')).toBe(2)
    expect(await attemptsOf(world, executionId)).toEqual([
      { number: 1, origin: 1, status: 'failed', isLast: false },
      { number: 2, origin: 2, status: 'succeeded', isLast: true },
    ])
  })

  test('from its failed step starts anew, and says so, when the engine keeps it no longer', async ({ world }) => {
    const { person, executionId } = await failedRun(world, 500, 200)
    await world.stack.owner.query(`update execution_attempts set engine_run_id = $2 where execution_id = $1`, [
      executionId,
      'Z'.repeat(21),
    ])
    await person.api.executions.retry.mutate({ executionId, from: 'failed_step' })
    const events = await watchToEnd(person, executionId)
    expect(events.map(({ message }) => message)).toContain(
      'The engine no longer keeps what the run had done before; it starts from the beginning.',
    )
    expect(done(events, 'prepare')).toBe(2)
    expect((await person.api.executions.byId.query({ executionId })).status).toBe('succeeded')
  })

  test('is tried four times in all and not a fifth time', async ({ world }) => {
    const { person, executionId, service } = await failedRun(world, 500)
    for (const from of ['failed_step', 'start', 'failed_step'] as const) {
      await person.api.executions.retry.mutate({ executionId, from })
      expect((await runToEnd(person, executionId)).status).toBe('failed')
    }
    const fifth = refusal(person.api.executions.retry.mutate({ executionId, from: 'start' }))
    expect(await fifth).toMatchObject({ ...notNow, message: expect.stringContaining('replay it as a new run') })
    expect(service.calls).toBe(4)
    expect(await person.api.executions.byId.query({ executionId })).toMatchObject({ status: 'failed', retryCount: 3 })
  })

  test('is taken up once by two who ask at the same moment', async ({ world }) => {
    const { person, executionId } = await failedRun(world, 500, 200)
    const ask = () => person.api.executions.retry.mutate({ executionId, from: 'start' })
    const outcomes = await Promise.allSettled([ask(), ask(), ask()])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await runToEnd(person, executionId)).toMatchObject({ status: 'succeeded', retryCount: 1 })
  })

  test('goes on after a restart of the worker', async ({ world }) => {
    const { person, executionId } = await failedRun(world, 500, 200)
    await person.api.executions.retry.mutate({ executionId, from: 'failed_step' })
    await world.stack.restart()
    expect(await runToEnd(person, executionId)).toMatchObject({ status: 'succeeded', retryCount: 1 })
  })
})
