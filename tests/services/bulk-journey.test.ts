import { describe, expect } from 'vitest'
import { plainEnvelope } from '../support/flows.ts'
import { readyToRun, runToEnd } from '../support/runs.ts'
import { test } from '../support/world.ts'

const needsNumber = {
  code: `export const code = async ({ input }) => {
    if (!input.n) throw new Error('Row 12 has no "amount".')
    return ${plainEnvelope()}
  }`,
}

describe('failed runs', () => {
  test('are found by their cause, replayed with a better input, and are not open any more', async ({ world }) => {
    const { person, companyId, studioId, start } = await readyToRun(world, needsNumber)
    for (const executionId of [await start(), await start()])
      expect(await runToEnd(person, executionId)).toMatchObject({ status: 'failed' })
    const [cause] = (await person.api.attention.list.query({ companyId })).items
    expect(cause).toMatchObject({ failures: 2, open: 2, studioId, failureKind: 'step_failed', state: 'open' })
    const { id: operationId } = await person.api.bulk.start.mutate({
      companyId,
      action: 'replay',
      filter: { failureGroupId: cause?.id ?? '', withoutReplay: true },
      options: { input: { n: 1 } },
      expectedCount: 2,
    })
    const look = () => person.api.bulk.byId.query({ companyId, operationId })
    await expect.poll(look).toMatchObject({ status: 'finished', done: 2 })
    const { items } = await person.api.bulk.items.query({ companyId, operationId })
    for (const { newExecutionId } of items)
      expect(await runToEnd(person, newExecutionId ?? '')).toMatchObject({ status: 'succeeded', inputData: { n: 1 } })
    expect((await person.api.attention.list.query({ companyId })).items).toMatchObject([
      { failures: 2, open: 0, state: 'open' },
    ])
  })
})

describe('a bulk operation', () => {
  test('goes on when the service is started anew in the middle of it', async ({ world }) => {
    const { person, companyId, start } = await readyToRun(world, needsNumber)
    const { owner } = world.stack
    await owner.query('insert into company_limits (company_id, max_concurrent_executions) values ($1, 0)', [companyId])
    await Promise.all(Array.from({ length: 40 }, () => start({ n: 1 })))
    const { id: operationId } = await person.api.bulk.start.mutate({ companyId, action: 'cancel', filter: {} })
    const look = () => person.api.bulk.byId.query({ companyId, operationId })
    await world.stack.restart()
    await expect.poll(look, { timeout: 10_000 }).toMatchObject({ status: 'finished', done: 40, refused: 0 })
  })
})
