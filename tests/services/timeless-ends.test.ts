import { expect, onTestFinished } from 'vitest'
import { engineFront } from '../support/engine-front.ts'
import { readyToRun, runToEnd } from '../support/runs.ts'
import { testWith, type World } from '../support/world.ts'
import { asksService, unsteadyService } from './unsteady-workflows.ts'

/** A stack whose engine is reached through a front, and whose flows cannot call back. */
const test = testWith({ CALLBACK_URL: 'http://127.0.0.1:9' }).extend(
  'front',
  { scope: 'file' },
  async ({ stack }, { onCleanup }) => {
    const front = await engineFront(stack.connections.engine.url)
    Object.assign(stack.connections.engine, { url: front.url })
    await stack.restart()
    onCleanup(() => front.close())
    return front
  },
)

const isLook = (path: string) => /\/flow-runs\/[0-9A-Za-z]{21}$/.test(path)

/** A run whose service answers so, at an engine that names no time at which a run ended. */
async function failedRun(world: World, front: Awaited<ReturnType<typeof engineFront>>, ...statuses: number[]) {
  const service = await unsteadyService(...statuses)
  onTestFinished(service.close)
  const { person, start } = await readyToRun(world, asksService)
  let shown: unknown
  let staleLooks = 0
  front.answer(async ({ path }, own) => {
    if (path.endsWith('/retry')) staleLooks = 2
    if (!isLook(path)) return undefined
    // For a moment after it took the run up again the engine still shows its former end.
    if (staleLooks > 0) staleLooks -= 1
    else shown = { ...Object(await (await own()).json()), finishTime: null }
    return { status: 200, body: shown }
  })
  const executionId = await start({ url: service.url })
  expect(await runToEnd(person, executionId)).toMatchObject({ status: 'failed', failureKind: 'step_failed' })
  await person.api.executions.retry.mutate({ executionId, from: 'failed_step' })
  return { service, run: await runToEnd(person, executionId) }
}

test('a failed run is taken up again although the engine names no time at which it had ended', async ({
  world,
  front,
}) => {
  const { run, service } = await failedRun(world, front, 500, 200)
  expect(run).toMatchObject({ status: 'succeeded', retryCount: 1 })
  expect(service.calls).toBe(2)
})

test('and when it fails once more, it has failed', async ({ world, front }) => {
  const { run, service } = await failedRun(world, front, 500)
  expect(run).toMatchObject({ status: 'failed', retryCount: 1 })
  expect(service.calls).toBe(2)
})
