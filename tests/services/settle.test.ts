import { describe, expect } from 'vitest'
import { openDatabase } from '../../src/db/client.ts'
import { findWork } from '../../src/db/queries/work.ts'
import type { EngineRun } from '../../src/services/workflows/engine.ts'
import { endingOf, endRun } from '../../src/services/workflows/settle.ts'
import { plainEnvelope } from '../support/flows.ts'
import { reached, readyToRun, watchToEnd } from '../support/runs.ts'
import { workerContext } from '../support/worker.ts'
import { test } from '../support/world.ts'

const insight = {
  id: 'one',
  title: 'One',
  finding: 'It is so.',
  computation: 'Counted.',
  action: 'Go on.',
  importance: 'low',
  figures: [],
}
const output = { summary: 'Done.', insights: [insight], data: {}, effects: [], warnings: [] }
const slow = {
  code: `export const code = async () => { await new Promise((done) => setTimeout(done, 400)); return ${plainEnvelope(`insights: [${JSON.stringify(insight)}]`)} }`,
}

describe('a run that has ended', () => {
  test.for(['succeeded', 'failed', 'cancelled'] as const)(
    'is not ended again by a second worker that saw it %s',
    async (status, { world }) => {
      const { connections, owner } = world.stack
      const { person, start } = await readyToRun(world, slow)
      const executionId = await start()
      await reached(person, executionId, 'running')
      const database = openDatabase({
        url: connections.database.workerUrl,
        maxConnections: 1,
        onConnectionError: () => undefined,
      })
      const work = await database.own.read((tx) => findWork(tx, executionId))
      if (!work) throw new Error('the run ended too soon for this test')
      const events = await watchToEnd(person, executionId)
      const seen: EngineRun = {
        id: 'a'.repeat(21),
        status,
        failure: undefined,
        unknownState: undefined,
        steps: [{ name: 'work', status: 'succeeded', durationMs: 1, errorMessage: undefined, input: {}, output }],
        failedStep: undefined,
        finishedAt: undefined,
        pausedStep: undefined,
        waitpoints: {},
      }
      const ending = endingOf(work, seen) ?? expect.fail('the run is not over')
      const { enginesOn, ...tools } = workerContext(world.stack)
      await endRun({ ...tools, engines: enginesOn(database.own), ...database.own }, work, ending, seen)
      await database.close()
      expect(await watchToEnd(person, executionId)).toEqual(events)
      const { rows } = await owner.query('select status from execution_attempts where execution_id = $1', [executionId])
      expect(rows).toEqual([{ status: 'succeeded' }])
    },
  )
})

describe('a run that is tried again', () => {
  test('is not ended by a worker that only saw how the try before failed', async ({ world }) => {
    const { connections, owner } = world.stack
    const { person, start } = await readyToRun(world, slow)
    const executionId = await start()
    await reached(person, executionId, 'running')
    const url = connections.database.workerUrl
    const database = openDatabase({ url, maxConnections: 1, onConnectionError: () => undefined })
    const work = await database.own.read((tx) => findWork(tx, executionId))
    if (!work) throw new Error('the run ended too soon for this test')
    await owner.query('update workflow_executions set retry_count = retry_count + 1 where id = $1', [executionId])
    const { enginesOn, ...tools } = workerContext(world.stack)
    const ending = { status: 'failed' as const, kind: 'step_failed' as const, reason: 'The try before failed.' }
    await endRun({ ...tools, engines: enginesOn(database.own), ...database.own }, work, ending)
    await database.close()
    await watchToEnd(person, executionId)
    expect(await person.api.executions.byId.query({ executionId })).toMatchObject({ status: 'succeeded' })
  })
})
