import { describe, expect } from 'vitest'
import { createStudiosClient } from '../../src/client.ts'
import { envelope } from '../../src/contracts/envelope.ts'
import { test } from '../support/world.ts'
import { pipeline } from './pipeline-runs.ts'
import { faultyPaths, refusal, unseen } from './refusal.ts'
import { statusesOf, watch } from './watching.ts'

describe('a run of the deal pipeline analysis', () => {
  test('goes through its steps to a result with insights and minutes saved', async ({ world }) => {
    const { company, templateId, sampleInput, start } = await pipeline(world)
    const template = await company.viewer.api.catalog.byId.query({ templateId })
    const { executionId } = await start(sampleInput)
    const events = await watch(company.viewer, executionId)
    expect(statusesOf(events)).toEqual(['pending', 'running', 'succeeded'])
    const done = events.filter(({ type, data }) => type === 'step' && data['status'] === 'succeeded')
    const [reading, ...working] = template.steps.map(({ title }) => title)
    expect(reading).toBe('Read the file')
    const titles = ['Take the input', 'Mark the run', 'Check the request', 'Look for a file', ...working]
    // A run may end by its last step, before that step has ended itself.
    const told = done.filter(({ step }) => step !== 'tell_result')
    expect(told.map(({ message }) => message)).toEqual(titles.map((title) => `${title}: done`))
    const run = await company.viewer.api.executions.byId.query({ executionId })
    expect(run).toMatchObject({ status: 'succeeded', failureKind: null, minutesSaved: template.minutesSavedPerRun })
    expect(envelope.parse(run.outputData)).toEqual(template.exampleResult)
    expect(run.insights).toEqual(run.outputData?.insights)
    expect(run.insights.length).toBeGreaterThan(0)
    expect(events.filter(({ type }) => type === 'insight').map(({ message }) => message)).toEqual(
      run.insights.map(({ title }) => title),
    )
    expect(run.durationSeconds).toBeGreaterThan(0)
  })

  test('fails with a plain reason when a step cannot go on', async ({ world }) => {
    const { company, start } = await pipeline(world)
    const { executionId } = await start({ data: 'colour,size\nred,7\n' })
    const events = await watch(company.member, executionId)
    expect(statusesOf(events)).toEqual(['pending', 'running', 'failed'])
    const run = await company.member.api.executions.byId.query({ executionId })
    expect(run).toMatchObject({ status: 'failed', failureKind: 'step_failed', minutesSaved: null, outputData: null })
    expect(run.errorMessage).toMatch(/^Read the deals: .+/)
    expect(run.errorMessage).not.toMatch(/\bat \w+.*\(|Error:|\n/)
    expect(events.at(-1)?.message).toContain(run.errorMessage ?? 'a reason')
    expect(events.find(({ level, type }) => type === 'step' && level === 'error')).toMatchObject({ step: 'read_data' })
  })

  test('logs tell the same events page by page', async ({ world }) => {
    const { company, start } = await pipeline(world)
    const { executionId } = await start()
    const events = await watch(company.member, executionId)
    const told = []
    let after: number | null = 0
    while (after !== null) {
      const page = await company.viewer.api.executions.logs.query({ executionId, after, limit: 3 })
      told.push(...page.items)
      after = page.nextAfter
    }
    expect(told).toEqual(events)
  })
})

describe('watching a run', () => {
  test('resumes after any event without gap or repeat', async ({ world }) => {
    const { company, start } = await pipeline(world)
    const { executionId } = await start()
    const live = await watch(company.viewer, executionId)
    expect(live.map(({ id }) => id)).toEqual([...new Set(live.map(({ id }) => id))].sort((a, b) => a - b))
    for (const place of [0, 1, live.length - 2, live.length - 1]) {
      const resumed = await watch(company.viewer, executionId, { lastEventId: String(live[place]?.id) })
      expect(resumed).toEqual(live.slice(place + 1))
    }
  })

  test('several watchers who join at different moments see the same', async ({ world }) => {
    const { company, start } = await pipeline(world)
    const { executionId } = await start()
    const early = [watch(company.viewer, executionId), watch(company.admin, executionId)]
    const first = await watch(company.member, executionId, { until: ({ type }) => type === 'step' })
    const late = watch(company.member, executionId, { lastEventId: String(first.at(-1)?.id) })
    const [one = [], two, rest = []] = await Promise.all([...early, late])
    expect(two).toEqual(one)
    expect([...first, ...rest]).toEqual(one)
  })

  test('an id in capitals is watched as quickly as any', async ({ world }) => {
    const { company, start } = await pipeline(world)
    const { executionId } = await start()
    const startedAt = performance.now()
    expect(statusesOf(await watch(company.viewer, executionId.toUpperCase()))).toHaveLength(3)
    expect(performance.now() - startedAt).toBeLessThan(9000)
  })

  test('is refused to another company and to whoever is not signed in', async ({ world }) => {
    const [{ start }, stranger] = await Promise.all([pipeline(world), world.company()])
    const { executionId } = await start()
    expect(await refusal(watch(stranger.admin, executionId))).toMatchObject(unseen)
    const nobody = { ...stranger.admin, api: createStudiosClient({ url: world.stack.url }) }
    expect(await refusal(watch(nobody, executionId))).toMatchObject({ code: 'UNAUTHORIZED', httpStatus: 401 })
    const impossible = watch(stranger.admin, executionId, { lastEventId: '9'.repeat(20) })
    expect(await faultyPaths(impossible)).toEqual(['lastEventId'])
  })

  test('ends for a watcher who is revoked meanwhile', async ({ world }) => {
    const { company, start } = await pipeline(world)
    await world.stack.owner.query('insert into company_limits (company_id, max_concurrent_executions) values ($1, 0)', [
      company.id,
    ])
    const { executionId } = await start()
    const watching = refusal(watch(company.viewer, executionId))
    await company.admin.api.companies.members.revoke.mutate({ companyId: company.id, userId: company.viewer.userId })
    await company.member.api.executions.cancel.mutate({ executionId })
    expect(await watching).toMatchObject(unseen)
  })
})
