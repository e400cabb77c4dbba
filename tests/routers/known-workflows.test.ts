import { describe, expect } from 'vitest'
import type { World } from '../support/world.ts'
import { test } from '../support/world.ts'
import { addWorkflows, publishNext } from './own-workflows.ts'
import { faultyPaths, refusal, unseen } from './refusal.ts'

async function startedBefore(world: World) {
  const company = await world.company()
  const { id: studioId } = await world.studio(company.member, company.id)
  const inputSchema = { type: 'object', required: ['before'] }
  const [templateId = ''] = await addWorkflows(world.stack.owner, company.id, [{ inputSchema }])
  const { start } = company.member.api.executions
  await start.mutate({ studioId, templateId, input: { before: 1 } })
  return { start, studioId, templateId }
}

describe('a workflow that was started before', () => {
  test('takes what its newest version asks for from the moment that is published', async ({ world }) => {
    const { start, studioId, templateId } = await startedBefore(world)
    await publishNext(world.stack.owner, templateId, { type: 'object', required: ['after'] })
    expect(await faultyPaths(start.mutate({ studioId, templateId, input: { before: 1 } }))).toEqual(['input.after'])
    const { execution } = await start.mutate({ studioId, templateId, input: { after: 1 } })
    expect(execution.templateVersion).toBe('2.0.0')
  })

  test('tells another company nothing, neither of itself nor of what it asks for', async ({ world }) => {
    const { templateId } = await startedBefore(world)
    const theirs = await world.company()
    const { id: studioId } = await world.studio(theirs.admin, theirs.id)
    for (const input of [{}, { before: 1 }]) {
      const started = theirs.admin.api.executions.start.mutate({ studioId, templateId, input })
      expect(await refusal(started)).toMatchObject(unseen)
    }
  })
})
