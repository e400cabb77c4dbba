import { describe, expect, onTestFinished } from 'vitest'
import { credentials, startTestEngine } from '../embedded/activepieces/support.ts'
import { engineFront } from '../support/engine-front.ts'
import { plainEnvelope } from '../support/flows.ts'
import { readyToRun, runToEnd } from '../support/runs.ts'
import { startTestStack } from '../support/stack.ts'
import { test, worldOn } from '../support/world.ts'

const twice = {
  code: `export const code = async ({ input }) => ${plainEnvelope('data: { twice: input.n * 2 }')}`,
}

async function ownWorld(variables: Record<string, string> = {}) {
  const stack = await startTestStack(variables)
  onTestFinished(() => stack.close())
  return worldOn(stack)
}

describe('the result of a run', () => {
  test('comes by callback even when the engine answers no question', async () => {
    const world = await ownWorld()
    const { person, start } = await readyToRun(world, twice)
    const front = await engineFront(world.stack.connections.engine.url)
    onTestFinished(() => front.close())
    front.answer(({ method, path }) =>
      method === 'GET' && path.includes('/flow-runs') ? { status: 500, body: {} } : undefined,
    )
    Object.assign(world.stack.connections.engine, { url: front.url })
    await world.stack.restart()
    const run = await runToEnd(person, await start({ n: 21 }))
    expect(run).toMatchObject({ status: 'succeeded', outputData: { data: { twice: 42 } } })
  })

  test('comes from the company’s own engine when it has one, and the platform’s is not asked', async () => {
    const world = await ownWorld({ ALLOW_PRIVATE_ENGINES: 'true' })
    const { person, companyId, start } = await readyToRun(world, twice)
    const { client } = await startTestEngine()
    const url = client.base.replace(/\/api\/v1$/, '')
    await person.api.integrations.set.mutate({ companyId, url, account: credentials })
    const front = await engineFront(world.stack.connections.engine.url)
    onTestFinished(() => front.close())
    Object.assign(world.stack.connections.engine, { url: front.url })
    await world.stack.restart()
    const runs = await Promise.all([start({ n: 1 }), start({ n: 2 }), start({ n: 3 })])
    const ended = await Promise.all(runs.map((id) => runToEnd(person, id)))
    expect(ended.map((run) => [run.status, run.outputData?.data['twice']])).toEqual([
      ['succeeded', 2],
      ['succeeded', 4],
      ['succeeded', 6],
    ])
    expect(front.calls.filter(({ path }) => /webhooks|flow-runs/.test(path))).toEqual([])
    const { body } = await client.call('GET', `/flow-runs?projectId=${client.projectId}`)
    expect(Object(body).data).toHaveLength(3)
  })
})
