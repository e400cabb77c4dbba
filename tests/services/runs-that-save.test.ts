import { expect, onTestFinished } from 'vitest'
import { fileIdOf } from '../../src/services/workflows/effects/file.ts'
import { startWorker } from '../../src/worker/worker.ts'
import { askingFor, declare, effectsDecided } from '../support/effects.ts'
import { readyToRun, watchToEnd } from '../support/runs.ts'
import { workerContext } from '../support/worker.ts'
import { test } from '../support/world.ts'
import { save } from './saving.ts'

test('a run saves its files once with two workers at it, and shows what is in them to nobody', async ({ world }) => {
  const { connections } = world.stack
  const second = await startWorker({ ...workerContext(world.stack), databaseUrl: connections.database.workerUrl })
  onTestFinished(() => second.close())
  const names = Array.from({ length: 6 }, (_, n) => `part-${n}.csv`)
  const secret = 'salary,73500\n'
  const asked = names.map((filename) => save({ filename, content: secret, accessLevel: 'private' }))
  const { person, templateId, start } = await readyToRun(world, askingFor(asked))
  await declare(world.stack, templateId, ['file.save'])
  const executionId = await start()
  const events = await watchToEnd(person, executionId)
  await effectsDecided(connections.database.ownerUrl, executionId)
  const run = await person.api.executions.byId.query({ executionId })
  const ids = names.map((_, place) => fileIdOf({ executionId, ordinal: place + 1 }))
  expect(run.filesUsed).toEqual(ids.map((file_id) => ({ file_id, usage_type: 'output' })))
  const { items } = await person.api.executions.files.query({ executionId })
  expect(items.map(({ filename, fileSize }) => [filename, fileSize])).toEqual(
    names.map((filename) => [filename, secret.length]),
  )
  const effects = await person.api.executions.effects.query({ executionId })
  expect(effects.items.map(({ outcome }) => outcome)).toEqual(names.map(() => 'applied'))
  const told = JSON.stringify([events, run, effects, world.stack.logs])
  expect(told).toContain(`(${secret.length} characters, not kept here)`)
  expect(told).not.toContain('73500')
})
