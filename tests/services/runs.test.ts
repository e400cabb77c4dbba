import { describe, expect } from 'vitest'
import { plainEnvelope } from '../support/flows.ts'
import { readyToRun, runToEnd, watchToEnd } from '../support/runs.ts'
import { test } from '../support/world.ts'

describe('a run', () => {
  test('goes from start to result, and tells each step as it goes', async ({ world }) => {
    const { person, start } = await readyToRun(world, {
      code: `export const code = async ({ input }) => ${plainEnvelope('data: { twice: input.n * 2 }')}`,
    })
    const executionId = await start({ n: 21 })
    const events = await watchToEnd(person, executionId)
    const run = await person.api.executions.byId.query({ executionId })
    expect(run).toMatchObject({
      status: 'succeeded',
      outputData: { summary: 'Done.', data: { twice: 42 } },
      minutesSaved: 5,
      failureKind: null,
    })
    expect(run.activepiecesRunId).toMatch(/^[0-9A-Za-z]{21}$/)
    expect(run.durationSeconds).toBeGreaterThan(0)
    expect(events.filter((event) => event.type === 'status').map((event) => event.data['status'])).toEqual([
      'pending',
      'running',
      'succeeded',
    ])
    expect(events.map((event) => event.message)).toContain('Do the work: done')
    expect(events.map((event) => event.id)).toEqual([...events.map((event) => event.id)].sort((a, b) => a - b))
  })

  test('fails with the reason of the step that failed', async ({ world }) => {
    const { person, start } = await readyToRun(world, {
      code: `export const code = async () => { throw new Error('The file has no rows.') }`,
    })
    const run = await runToEnd(person, await start())
    expect(run).toMatchObject({
      status: 'failed',
      failureKind: 'step_failed',
      errorMessage: 'Do the work: The file has no rows.',
      outputData: null,
      minutesSaved: null,
    })
  })

  test('fails when its result is not the envelope that it promises', async ({ world }) => {
    const { person, start } = await readyToRun(world, { code: `export const code = async () => ({ hello: 'world' })` })
    expect(await runToEnd(person, await start())).toMatchObject({ status: 'failed', failureKind: 'bad_output' })
  })

  test('brings a result that is too large to travel with the run', async ({ world }) => {
    const { person, start } = await readyToRun(world, {
      code: `export const code = async () => ${plainEnvelope(`data: { text: 'x'.repeat(200000) }`)}`,
    })
    const run = await runToEnd(person, await start())
    expect(run.status).toBe('succeeded')
    expect(String(run.outputData?.data['text'])).toHaveLength(200_000)
  })
})
