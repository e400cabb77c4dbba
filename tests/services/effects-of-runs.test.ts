import { describe, expect } from 'vitest'
import { effectKinds } from '../../src/contracts/effects.ts'
import type { ExecutionEvent } from '../../src/contracts/executions.ts'
import { startWorker } from '../../src/worker/worker.ts'
import { becomes, watch } from '../routers/watching.ts'
import { askingFor, declare, effectsDecided } from '../support/effects.ts'
import { plainEnvelope } from '../support/flows.ts'
import { readyToRun, runToEnd } from '../support/runs.ts'
import { workerContext } from '../support/worker.ts'
import { join, test, type World } from '../support/world.ts'
import { branch, contact, insight } from './effect-runs.ts'

/** A team whose workflow asks for these effects, and may. */
async function readyToAsk(world: World, workflow: { code: string }) {
  const ready = await readyToRun(world, workflow)
  await declare(world.stack, ready.templateId, effectKinds)
  const { person, companyId } = ready
  const branches = async () => (await person.api.companies.byId.query({ companyId })).branches.map(({ name }) => name)
  const effects = async (executionId: string) =>
    (await person.api.executions.effects.query({ executionId, limit: 100 })).items
  /** What is told of the effects that were done, in the order in which it was. */
  const done = async (executionId: string) => {
    const { rows } = await world.stack.owner.query<{ ordinal: number }>(
      `select (data ->> 'ordinal')::int as ordinal from execution_events
       where execution_id = $1 and data ->> 'outcome' = 'applied' order by id`,
      [executionId],
    )
    return rows.map(({ ordinal }) => ordinal)
  }
  const { ownerUrl } = world.stack.connections.database
  return { ...ready, branches, effects, done, ownerUrl }
}

const many = Array.from({ length: 40 }, (_, place) => branch(`Branch ${place + 1}`))
const ordinals = many.map((_, place) => place + 1)

describe('a run', () => {
  test('changes the company as its workflow declares, once it has succeeded', async ({ world }) => {
    const asked = [branch('North'), contact({ contactPhone: '+1 555 0100' }), insight('Late payers')]
    const { person, companyId, start, effects, ownerUrl } = await readyToAsk(world, askingFor(asked))
    const executionId = await start()
    await effectsDecided(ownerUrl, executionId)
    expect((await effects(executionId)).map(({ outcome }) => outcome)).toEqual(['applied', 'applied', 'applied'])
    expect(await person.api.companies.byId.query({ companyId })).toMatchObject({
      branches: [{ name: 'North', address: '1 North Road' }],
      contactPhone: '+1 555 0100',
    })
    expect((await person.api.insights.list.query({ companyId })).items).toMatchObject([
      { executionId, insight: { title: 'Late payers', importance: 'low' } },
    ])
  })

  test('is watched until its effects are done, also by somebody who comes when it has ended', async ({ world }) => {
    const { person, start } = await readyToAsk(world, askingFor(many))
    const executionId = await start()
    const events = await watch(person, executionId)
    const told = ({ type, data }: ExecutionEvent) =>
      type === 'effect' && data['outcome'] === 'applied' ? [data['ordinal']] : []
    expect(events.flatMap(told)).toEqual(ordinals)
    const ended = events.find(becomes('succeeded'))
    const rest = await watch(person, executionId, { lastEventId: String(ended?.id) })
    expect(rest.flatMap(told)).toEqual(ordinals)
  })

  test('changes nothing that its workflow does not declare', async ({ world }) => {
    const { start, templateId, branches, effects, ownerUrl } = await readyToAsk(
      world,
      askingFor([branch('North'), insight('Kept')]),
    )
    await declare(world.stack, templateId, ['insight.record'])
    const executionId = await start()
    await effectsDecided(ownerUrl, executionId)
    expect(await effects(executionId)).toMatchObject([
      { outcome: 'refused', reason: expect.stringContaining('does not declare branch.upsert'), result: null },
      { outcome: 'applied', reason: null },
    ])
    expect(await branches()).toEqual([])
  })

  test('changes nothing that its starter may not change any more when it ends', async ({ world }) => {
    const { person, companyId, studioId, templateId, branches, effects, ownerUrl } = await readyToAsk(
      world,
      askingFor([branch('North'), insight('Kept')]),
    )
    const colleague = await world.signUp()
    const { slug } = await person.api.companies.byId.query({ companyId })
    await join(person, colleague, { id: companyId, slug }, 'admin')
    const { owner } = world.stack
    await owner.query('insert into company_limits (company_id, max_concurrent_executions) values ($1, 0)', [companyId])
    const { execution } = await colleague.api.executions.start.mutate({ studioId, templateId, input: {} })
    await person.api.companies.members.changeRole.mutate({ companyId, userId: colleague.userId, role: 'member' })
    await owner.query('delete from company_limits where company_id = $1', [companyId])
    await effectsDecided(ownerUrl, execution.id)
    expect((await effects(execution.id)).map(({ outcome }) => outcome)).toEqual(['refused', 'applied'])
    expect(await branches()).toEqual([])
  })

  test('that fails asks for nothing', async ({ world }) => {
    const code = `export const code = async () => ({ ...${plainEnvelope(`effects: ${JSON.stringify(many)}`)}, summary: 7 })`
    const { person, start, branches, effects } = await readyToAsk(world, { code })
    const run = await runToEnd(person, await start())
    expect(run).toMatchObject({ status: 'failed', failureKind: 'bad_output' })
    expect(await effects(run.id)).toEqual([])
    expect(await branches()).toEqual([])
  })

  test('changes everything once and in its order with two workers at it', async ({ world }) => {
    const { connections } = world.stack
    const second = await startWorker({
      ...workerContext(world.stack),
      databaseUrl: connections.database.workerUrl,
    })
    try {
      const { start, branches, done, ownerUrl } = await readyToAsk(world, askingFor(many))
      const executionIds = await Promise.all([start(), start()])
      await Promise.all(executionIds.map((executionId) => effectsDecided(ownerUrl, executionId)))
      for (const executionId of executionIds) expect(await done(executionId)).toEqual(ordinals)
      expect(await branches()).toEqual(many.map((one) => one.arguments['name']))
    } finally {
      await second.close()
    }
  })
})
