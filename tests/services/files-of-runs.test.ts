import { describe, expect } from 'vitest'
import { readFileAction } from '../../catalog/http-actions.ts'
import { servedFile } from '../catalog/support/served-file.ts'
import { keepFile } from '../support/files.ts'
import { plainEnvelope } from '../support/flows.ts'
import { readyToRun, watchToEnd } from '../support/runs.ts'
import { test, type World } from '../support/world.ts'

const people = 'name,pay\nMaria Example,73500\n'

/** Runs a workflow that reads a file from a link in its input; `look` computes with its text. */
async function runWithFile(
  world: World,
  url: string,
  look = 'seen: text, rows: [{ who: text.slice(9, 22), pay: 73500 }]',
) {
  const [fetching] = readFileAction().children ?? []
  if (!fetching) throw new Error('no step fetches the file')
  const fromInput = JSON.stringify(fetching).replace("['files'][0]['url']", "['input']['link']")
  const { person, studioId, start } = await readyToRun(world, {
    steps: [
      { name: 'ask', code: 'export const code = async () => ({ n: 7 })' },
      {
        name: 'look',
        title: 'Look',
        code: `export const code = async ({ text }) => ({ ...${plainEnvelope()}, data: { ${look} } })`,
        input: { text: "{{read_studio_file['body']}}" },
      },
    ],
    pieces: [JSON.parse(fromInput)],
    properties: { file: { type: 'string', format: 'studio-file' }, link: { type: 'string' } },
  })
  const { id: file } = await keepFile(world.stack, person, { studioId })
  const executionId = await start({ file, link: url })
  const events = await watchToEnd(person, executionId)
  const run = await person.api.executions.byId.query({ executionId })
  return { run, events, steps: events.filter(({ type }) => type === 'step') }
}

describe('of a run that reads a file', () => {
  test('the steps are told, and nothing of what the file holds or where it lies', async ({ world }) => {
    const { url } = await servedFile(people)
    const { run, events, steps } = await runWithFile(world, url)
    expect(run.status).toBe('succeeded')
    expect(run.outputData?.data['seen']).toBe(people)
    expect(steps.map(({ message }) => message)).toContain('Read the file: done')
    const look = steps.find(({ step, data }) => step === 'look' && data['status'] === 'succeeded')
    expect(look?.data['output']).toMatchObject({ data: { rows: [{ who: '(hidden)', pay: '(hidden)' }] } })
    const told = JSON.stringify([events, world.stack.logs])
    for (const secret of ['Maria', '73500', url]) expect(told).not.toContain(secret)
  })

  test.for([404, 410])('the reason says that it is gone when its link answers %i', async (status, { world }) => {
    const { run, steps } = await runWithFile(world, (await servedFile(people, status)).url)
    const reason = 'The file is no longer there, or the link to it has ended. Choose a file and start a new run.'
    expect(run).toMatchObject({ status: 'failed', failureKind: 'step_failed', failedStep: 'read_studio_file' })
    expect(run.errorMessage).toBe(`Read the file: ${reason}`)
    expect(steps.find(({ data }) => data['status'] === 'failed')).toMatchObject({
      message: 'Read the file: failed',
      data: { error: reason },
    })
  })

  test('the reason says that it could not be fetched when its place is in trouble', async ({ world }) => {
    const { run } = await runWithFile(world, (await servedFile(people, 503)).url)
    const reason = 'The file could not be fetched from the studio (status 503). Try the run again in a few minutes.'
    expect(run.errorMessage).toBe(`Read the file: ${reason}`)
  })

  test('the reason names no link when nobody answers there', async ({ world }) => {
    const { run, events } = await runWithFile(world, 'http://127.0.0.1:9/link/secret')
    const reason = 'The file could not be fetched from the studio. Try the run again in a few minutes.'
    expect(run.errorMessage).toBe(`Read the file: ${reason}`)
    expect(JSON.stringify(events)).not.toContain('link/secret')
  })

  test('the reason of a step that reads it is told, without links', async ({ world }) => {
    const { url } = await servedFile(people)
    const fails = `n: (() => { throw new Error('No column "amount" at ${url}.') })()`
    const { run } = await runWithFile(world, url, fails)
    expect(run.errorMessage).toBe('Look: No column "amount" at (hidden)')
  })
})
