import fc from 'fast-check'
import { expect } from 'vitest'
import { overlapRules } from '../../src/contracts/schedules.ts'
import { nextTimes } from '../../src/services/workflows/schedule-times.ts'
import { test } from './clockwork.ts'

/** Time that passes, and what happens at its end: workers look, or none does; the run that is going ends, or does not. */
const step = fc.record({
  minutes: fc.integer({ min: 1, max: 150 }),
  workers: fc.integer({ min: 0, max: 2 }),
  endsRun: fc.boolean(),
})
const story = fc.record({
  overlap: fc.constantFrom(...overlapRules),
  cron: fc.constantFrom('*/30 * * * *', '0,20,45 * * * *', '30 1-3 * * *', '5 */2 * * *'),
  night: fc.constantFrom('2026-03-28T22:30:00.000Z', '2026-10-24T21:30:00.000Z'),
  steps: fc.array(step, { minLength: 1, maxLength: 12 }),
})

test('whenever workers stop and start, every due time has exactly one occurrence, and no two runs go at once', async ({
  fire,
  owner,
  schedules,
  tenant,
}) => {
  await owner('update company_limits set max_executions_per_month = 100000 where company_id = $1', [tenant.id])
  const happen = async (id: string, now: number, { workers, endsRun }: Step) => {
    if (endsRun) await schedules.endRuns()
    await Promise.all(Array.from({ length: workers }, () => fire(new Date(now).toISOString())))
    expect(going(await schedules.runs())).toBeLessThanOrEqual(1)
    return schedules.occurrences(id)
  }
  await fc.assert(
    fc
      .asyncProperty(story, async ({ overlap, cron, night, steps }) => {
        const times = { cron, timezone: 'Europe/Berlin' }
        const id = await schedules.add(night, { ...times, overlap })
        let now = Date.parse(night) - 60_000
        for (const step of steps) {
          now += step.minutes * 60_000
          await happen(id, now, step)
        }
        const rows = await happen(id, now, { workers: 1, endsRun: false })
        const due = [night, ...nextTimes(times, new Date(night), 200)].filter((time) => Date.parse(time) <= now)
        expect(rows.map(({ dueAt }) => dueAt)).toEqual(due)
        const count = (outcome: string) => rows.filter((row) => row.outcome === outcome).length
        expect(count('waiting')).toBeLessThanOrEqual({ skip: 0, coalesce: 1, queue: 100 }[overlap])
        const runs = rows.flatMap(({ executionId }) => executionId ?? [])
        expect([runs.length, new Set(runs).size]).toEqual([count('started'), count('started')])
      })
      .afterEach(async () => {
        await owner('delete from workflow_schedules where company_id = $1', [tenant.id])
        await schedules.endRuns()
      }),
    { numRuns: 10 },
  )
})

interface Step {
  workers: number
  endsRun: boolean
}

function going(runs: { status?: unknown }[]): number {
  return runs.filter(({ status }) => status !== 'succeeded').length
}
