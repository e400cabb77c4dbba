import { randomUUID } from 'node:crypto'
import { expect, onTestFinished } from 'vitest'
import { claimRuns } from '../../src/db/queries/claims.ts'
import { startWorker } from '../../src/worker/worker.ts'
import { plainEnvelope } from '../support/flows.ts'
import { test as resting } from '../support/resting.ts'
import { readyToRun, runToEnd } from '../support/runs.ts'
import { openWorkerDatabase } from '../support/turns.ts'
import { workerContext } from '../support/worker.ts'

const test = resting.extend('workerDatabase', ({ stack }, { onCleanup }) => {
  const database = openWorkerDatabase(stack)
  onCleanup(() => database.close())
  return database
})

test('a run whose worker died before it sent it is sent by the next worker at once, in the same try', async ({
  world,
  workerDatabase,
}) => {
  const { person, start } = await readyToRun(world, { code: `export const code = async () => ${plainEnvelope()}` })
  const executionId = await start()
  const context = workerContext(world.stack)
  const limits = { most: 10, ...context.settings }
  expect(await workerDatabase.own.write((tx) => claimRuns(tx, randomUUID(), limits))).toEqual([executionId])
  const { workerUrl: databaseUrl } = world.stack.connections.database
  const next = await startWorker({ ...context, databaseUrl })
  onTestFinished(() => next.close())
  expect(await runToEnd(person, executionId)).toMatchObject({ status: 'succeeded', retryCount: 0 })
  const { rows } = await world.stack.owner.query(
    'select number, status from execution_attempts where execution_id = $1',
    [executionId],
  )
  expect(rows).toEqual([{ number: 1, status: 'succeeded' }])
})
