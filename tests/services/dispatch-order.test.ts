import { describe, expect, onTestFinished } from 'vitest'
import { priorities } from '../../src/contracts/executions.ts'
import { plainEnvelope } from '../support/flows.ts'
import { readyToRun, runToEnd } from '../support/runs.ts'
import { startTestStack } from '../support/stack.ts'
import { test, type World, worldOn } from '../support/world.ts'

const brief = {
  code: `export const code = async () => { await new Promise((done) => setTimeout(done, 150)); return ${plainEnvelope()} }`,
}

const limitRuns = (world: World, companyId: string, most: number) =>
  world.stack.owner.query(
    `insert into company_limits (company_id, max_concurrent_executions) values ($1, $2)
     on conflict (company_id) do update set max_concurrent_executions = excluded.max_concurrent_executions`,
    [companyId, most],
  )

describe('dispatch', () => {
  test('takes what a person waits for before what cards, the clock and bulk work started', async ({ world }) => {
    const { person, companyId, start } = await readyToRun(world, brief)
    await limitRuns(world, companyId, 0)
    const wanted = [priorities.bulk, priorities.schedule, priorities.interactive, priorities.kanban]
    const runs: { id: string; priority: number }[] = []
    for (const priority of wanted) {
      const id = await start()
      await world.stack.owner.query('update workflow_executions set priority = $2 where id = $1', [id, priority])
      runs.push({ id, priority })
    }
    await limitRuns(world, companyId, 1)
    const ended = await Promise.all(runs.map(async (run) => ({ ...run, ...(await runToEnd(person, run.id)) })))
    const order = ended.toSorted((a, b) => (a.startedAt ?? '').localeCompare(b.startedAt ?? ''))
    expect(order.map(({ priority }) => priority)).toEqual(wanted.toSorted((a, b) => a - b))
  })

  test('gives an engine no more runs at once than it takes, whoever’s they are', async () => {
    const stack = await startTestStack({ ENGINE_MAX_RUNS: '2' })
    onTestFinished(() => stack.close())
    const world = worldOn(stack)
    const teams = await Promise.all([0, 1, 2].map(() => readyToRun(world, brief)))
    const runs = await Promise.all(
      teams.flatMap(({ person, start }) => [0, 1].map(async () => runToEnd(person, await start()))),
    )
    for (const run of runs) {
      const atOnce = runs.filter(
        (twin) => (twin.startedAt ?? '') <= (run.startedAt ?? '') && (run.startedAt ?? '') < (twin.completedAt ?? ''),
      )
      expect(atOnce.length).toBeLessThanOrEqual(2)
    }
  })
})
