import { describe, expect } from 'vitest'
import { piece } from '../embedded/activepieces/flows.ts'
import { eventually } from '../embedded/activepieces/support.ts'
import { faultyPaths, notNow, refusal } from '../routers/refusal.ts'
import { becomes } from '../routers/watching.ts'
import { plainEnvelope, type TestWorkflow } from '../support/flows.ts'
import { reached, readyToRun, runToEnd, watchToEnd } from '../support/runs.ts'
import { test, type World } from '../support/world.ts'

const asksApproval: TestWorkflow = {
  pieces: [piece('links', 'approval create_approval_links'), piece('approve', 'approval wait_for_approval')],
  steps: [
    {
      name: 'conclude',
      title: 'Conclude',
      code: `export const code = async ({ approved }) => ${plainEnvelope('data: { approved }')}`,
      input: { approved: "{{approve['approved']}}" },
    },
  ],
}
const waitsAWhile: TestWorkflow = {
  pieces: [piece('pause', 'delay delayFor', { unit: 'minutes', delayFor: 5 })],
  steps: [{ name: 'conclude', code: `export const code = async () => ${plainEnvelope()}` }],
}

async function pausedRun(world: World, workflow: TestWorkflow) {
  const ready = await readyToRun(world, workflow)
  const executionId = await ready.start()
  await reached(ready.person, executionId, 'paused')
  return { ...ready, executionId, resume: ready.person.api.executions.resume.mutate }
}

describe('a run that waits for approval', () => {
  test.for([
    ['approve', true],
    ['reject', false],
  ] as const)('goes on with the decision to %s', async ([decision, approved], { world }) => {
    const { person, executionId, resume } = await pausedRun(world, asksApproval)
    const paused = await person.api.executions.byId.query({ executionId })
    expect(paused.waitingFor).toMatchObject({ kind: 'approval', step: 'approve' })
    await resume({ executionId, decision, comment: 'As discussed.' })
    const events = await watchToEnd(person, executionId)
    const run = await person.api.executions.byId.query({ executionId })
    expect(run).toMatchObject({ status: 'succeeded', waitingFor: null, outputData: { data: { approved } } })
    const said = events.find(({ message }) => message.startsWith('The pause was answered'))
    expect(said?.data['answer']).toMatchObject({ decision, comment: 'As discussed.', userId: person.userId })
    const running = events.filter(({ type, data }) => type === 'status' && data['status'] === 'running')
    expect(running.map(({ message }) => message)).toEqual(['The run has started.', 'The run goes on.'])
  })

  test('shows nobody the link that would resume it', async ({ world }) => {
    const { person, executionId } = await pausedRun(world, asksApproval)
    const events = await person.api.executions.logs.query({ executionId })
    const run = await person.api.executions.byId.query({ executionId })
    expect(JSON.stringify([events, run])).not.toContain('waitpoints/')
  })

  test('needs a decision, takes one answer, and none once it goes on', async ({ world }) => {
    const { person, executionId, resume } = await pausedRun(world, asksApproval)
    expect(await faultyPaths(resume({ executionId }))).toEqual(['decision'])
    await world.stack.engine.stop()
    await resume({ executionId, decision: 'approve' })
    expect(await refusal(resume({ executionId, decision: 'reject' }))).toMatchObject({ code: 'CONFLICT' })
    await world.stack.engine.start()
    expect((await runToEnd(person, executionId)).outputData?.data).toEqual({ approved: true })
    expect(await refusal(resume({ executionId, decision: 'approve' }))).toMatchObject(notNow)
  })

  test('is still answered when the worker is restarted in between', async ({ world }) => {
    const { person, executionId, resume } = await pausedRun(world, asksApproval)
    await resume({ executionId, decision: 'approve' })
    await world.stack.restart()
    expect((await runToEnd(person, executionId)).outputData?.data).toEqual({ approved: true })
  })
})

describe('a run that waits for approval twice', () => {
  const asksTwice: TestWorkflow = {
    pieces: ['first', 'second'].flatMap((name) => [
      piece(`links_to_${name}`, 'approval create_approval_links'),
      piece(name, 'approval wait_for_approval'),
    ]),
    steps: [
      {
        name: 'conclude',
        code: `export const code = async (decided) => ${plainEnvelope('data: decided')}`,
        input: { first: "{{first['approved']}}", second: "{{second['approved']}}" },
      },
    ],
  }

  test('says for which, and takes an answer for each', async ({ world }) => {
    const { person, executionId, resume } = await pausedRun(world, asksTwice)
    await resume({ executionId, decision: 'approve' })
    const events = person.api.executions.logs
    const pauses = async () => {
      const { items } = await events.query({ executionId, limit: 100 })
      return items.filter(becomes('paused')).map(({ message }) => message)
    }
    await eventually(async () => ((await pauses()).length > 1 ? true : undefined))
    expect(await pauses()).toEqual([expect.stringContaining('"first"'), expect.stringContaining('"second"')])
    expect((await person.api.executions.byId.query({ executionId })).waitingFor).toMatchObject({ step: 'second' })
    const late = await refusal(resume({ executionId, decision: 'approve', step: 'first' }))
    expect(late).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('"second"') })
    await resume({ executionId, decision: 'reject', step: 'second' })
    expect((await runToEnd(person, executionId)).outputData?.data).toEqual({ first: true, second: false })
  })
})

describe('a run that waits for a moment after an approval', () => {
  const asksAndWaits: TestWorkflow = {
    ...asksApproval,
    pieces: [...(asksApproval.pieces ?? []), ...(waitsAWhile.pieces ?? [])],
  }

  test('says so as soon as it was approved', async ({ world }) => {
    const { person, executionId, resume } = await pausedRun(world, asksAndWaits)
    await resume({ executionId, decision: 'approve' })
    const waitingFor = async () => (await person.api.executions.byId.query({ executionId })).waitingFor
    expect(
      await eventually(async () => ((await waitingFor())?.kind === 'time' ? waitingFor() : undefined)),
    ).toMatchObject({
      step: 'pause',
    })
  })
})

describe('a run that waits for a moment', () => {
  test('cannot be answered, and says so', async ({ world }) => {
    const { executionId, resume } = await pausedRun(world, waitsAWhile)
    const refused = await refusal(resume({ executionId, decision: 'approve' }))
    expect(refused).toMatchObject(notNow)
  })
})
