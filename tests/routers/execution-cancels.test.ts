import { describe, expect } from 'vitest'
import { test as base, type World } from '../support/world.ts'
import { pipeline, stopDispatch } from './pipeline-runs.ts'
import { notNow, refusal } from './refusal.ts'
import { buildDoor, publishWaiting } from './waiting-workflows.ts'
import { becomes, statusesOf, watch } from './watching.ts'

const test = base.extend('waiting', { scope: 'file' }, ({ stack }) => publishWaiting(stack))

async function started(world: World, templateId: string, input: Record<string, unknown> = {}) {
  const company = await world.company()
  const { id: studioId } = await world.studio(company.member, company.id)
  const { execution } = await company.member.api.executions.start.mutate({ studioId, templateId, input })
  return { company, executionId: execution.id }
}

describe('cancelling a run', () => {
  test('a pending run is cancelled at once and once only', async ({ world }) => {
    const { company, start } = await pipeline(world)
    await stopDispatch(world, company.id)
    const { executionId } = await start()
    const { cancel } = company.member.api.executions
    expect(await cancel.mutate({ executionId })).toMatchObject({ status: 'cancelled', startedAt: null })
    const again = refusal(cancel.mutate({ executionId }))
    expect(await again).toMatchObject({ ...notNow, message: expect.stringContaining('been cancelled') })
    expect(statusesOf(await watch(company.viewer, executionId))).toEqual(['pending', 'cancelled'])
  })

  test('a held run is cancelled at once', async ({ world }) => {
    const { company, start } = await pipeline(world)
    await stopDispatch(world, company.id, { runsAMonth: 0 })
    const { executionId } = await start()
    await company.member.api.executions.cancel.mutate({ executionId })
    expect(statusesOf(await watch(company.viewer, executionId))).toEqual(['held', 'cancelled'])
  })

  test('a run under way ends as cancelled, whatever the engine still does with it', async ({ world, waiting }) => {
    const door = await buildDoor()
    const knocking = door.knocked()
    const { company, executionId } = await started(world, waiting.door, { door: door.url })
    const letIn = await knocking
    const asked = await company.member.api.executions.cancel.mutate({ executionId })
    expect(['running', 'cancelled']).toContain(asked.status)
    expect(statusesOf(await watch(company.viewer, executionId))).toEqual(['pending', 'running', 'cancelled'])
    letIn()
    door.close()
    const run = await company.member.api.executions.byId.query({ executionId })
    expect(run).toMatchObject({ status: 'cancelled', outputData: null, minutesSaved: null, failureKind: null })
    expect(run.completedAt).not.toBeNull()
  })

  test('a paused run is cancelled', async ({ world, waiting }) => {
    const { company, executionId } = await started(world, waiting.approval)
    await watch(company.viewer, executionId, { until: becomes('paused') })
    await company.member.api.executions.cancel.mutate({ executionId })
    expect(statusesOf(await watch(company.viewer, executionId))).toEqual(['pending', 'running', 'paused', 'cancelled'])
  })

  test('a run that is let in before it is cancelled has ended and cannot be cancelled', async ({ world, waiting }) => {
    const door = await buildDoor()
    const knocking = door.knocked()
    const { company, executionId } = await started(world, waiting.door, { door: door.url })
    const letIn = await knocking
    letIn()
    expect(statusesOf(await watch(company.viewer, executionId))).toEqual(['pending', 'running', 'succeeded'])
    door.close()
    const late = refusal(company.member.api.executions.cancel.mutate({ executionId }))
    expect(await late).toMatchObject({ ...notNow, message: expect.stringContaining('succeeded') })
  })

  test('ten cancels at the same moment make one event', async ({ world }) => {
    const { company, start } = await pipeline(world)
    await stopDispatch(world, company.id)
    const { executionId } = await start()
    const { cancel } = company.member.api.executions
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => cancel.mutate({ executionId })))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(statusesOf(await watch(company.viewer, executionId))).toEqual(['pending', 'cancelled'])
  })
})
