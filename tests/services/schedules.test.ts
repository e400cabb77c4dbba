import { describe, expect } from 'vitest'
import type { CreateScheduleInput, OverlapRule } from '../../src/contracts/schedules.ts'
import { buildDoor, publishWaiting } from '../routers/waiting-workflows.ts'
import { plainEnvelope } from '../support/flows.ts'
import { readyToRun, runToEnd } from '../support/runs.ts'
import type { TestStack } from '../support/stack.ts'
import { test as base, type Person, type World } from '../support/world.ts'

const test = base.extend('waiting', { scope: 'file' }, ({ stack }) => publishWaiting(stack))
const quick = { code: `export const code = async ({ input }) => ${plainEnvelope('data: { twice: input.n * 2 }')}` }
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()

/** A schedule that by itself comes due every four years, so that a test decides when it does. */
async function rareSchedule(
  person: Person,
  fields: Pick<CreateScheduleInput, 'studioId' | 'templateId' | 'input'> & { overlap?: OverlapRule },
) {
  const times = { cron: '0 0 29 2 *', timezone: 'UTC' }
  const asked = { name: 'When told', ...times, ...fields }
  const { id: scheduleId, companyId } = await person.api.schedules.create.mutate(asked)
  return { companyId, scheduleId }
}

async function comesDue({ owner }: TestStack, scheduleId: string, dueAt: string): Promise<void> {
  await owner.query('update workflow_schedules set next_due_at = $2 where id = $1', [scheduleId, dueAt])
}

/** Asks until the schedule's occurrences, oldest first, are as wanted, and gives their runs. */
async function become(person: Person, key: { companyId: string; scheduleId: string }, wanted: string[]) {
  for (;;) {
    const { items } = await person.api.schedules.occurrences.query(key)
    const found = items.toReversed()
    if (found.map(({ outcome }) => outcome).join() === wanted.join()) return found.map(({ executionId }) => executionId)
  }
}

/** A schedule of a workflow that goes on when the test opens the door. */
async function atTheDoor(world: World, templateId: string, overlap: OverlapRule) {
  const company = await world.company()
  const { id: studioId } = await world.studio(company.member, company.id)
  const door = await buildDoor()
  const fields = { studioId, templateId, overlap, input: { door: door.url } }
  return { person: company.member, door, key: await rareSchedule(company.member, fields) }
}

describe('a schedule', () => {
  test('runs its workflow to the result, and nobody has to ask', async ({ world }) => {
    const { person, studioId, templateId } = await readyToRun(world, quick)
    const key = await rareSchedule(person, { studioId, templateId, input: { n: 21 } })
    await comesDue(world.stack, key.scheduleId, minutesAgo(1))
    const [executionId] = await become(person, key, ['started'])
    const run = await runToEnd(person, executionId ?? '')
    expect(run).toMatchObject({ status: 'succeeded', source: 'schedule', outputData: { data: { twice: 42 } } })
  })

  test('that came due while no worker ran does so at the next start, once', async ({ world }) => {
    const { person, studioId, templateId } = await readyToRun(world, quick)
    const keys = []
    for (const n of [1, 2, 3]) keys.push(await rareSchedule(person, { studioId, templateId, input: { n } }))
    await world.stack.closeService()
    for (const { scheduleId } of keys) await comesDue(world.stack, scheduleId, minutesAgo(30))
    await world.stack.restart()
    const runs = await Promise.all(keys.map((key) => become(person, key, ['started'])))
    const ended = await Promise.all(runs.flat().map((id) => runToEnd(person, id ?? '')))
    expect(ended.map(({ status, outputData }) => [status, outputData?.data])).toEqual([
      ['succeeded', { twice: 2 }],
      ['succeeded', { twice: 4 }],
      ['succeeded', { twice: 6 }],
    ])
  })
})

describe('while its run is still going, a schedule', () => {
  test('skips', async ({ world, waiting }) => {
    const { person, door, key } = await atTheDoor(world, waiting.door, 'skip')
    const knock = door.knocked()
    await comesDue(world.stack, key.scheduleId, minutesAgo(9))
    const open = await knock
    await comesDue(world.stack, key.scheduleId, minutesAgo(8))
    const [first] = await become(person, key, ['started', 'skipped'])
    open()
    expect(await runToEnd(person, first ?? '')).toMatchObject({ status: 'succeeded' })
    const knockAgain = door.knocked()
    await comesDue(world.stack, key.scheduleId, minutesAgo(7))
    ;(await knockAgain)()
    const runs = await become(person, key, ['started', 'skipped', 'started'])
    await runToEnd(person, runs[2] ?? '')
    door.close()
  })

  test.for([
    ['queue', ['started', 'waiting', 'waiting'], ['started', 'started', 'started']],
    ['coalesce', ['started', 'waiting', 'coalesced'], ['started', 'started', 'coalesced']],
  ] as const)('keeps to the rule %s', async ([overlap, during, after], { world, waiting }) => {
    const { person, door, key } = await atTheDoor(world, waiting.door, overlap)
    const knock = door.knocked()
    await comesDue(world.stack, key.scheduleId, minutesAgo(9))
    let open = await knock
    await comesDue(world.stack, key.scheduleId, minutesAgo(8))
    await become(person, key, [...during.slice(0, 2)])
    await comesDue(world.stack, key.scheduleId, minutesAgo(7))
    await become(person, key, [...during])
    for (const outcome of after.slice(1).filter((one) => one === 'started')) {
      expect(outcome).toBe('started')
      const next = door.knocked()
      open()
      open = await next
    }
    open()
    const runs = await become(person, key, [...after])
    const ended = await Promise.all(runs.flatMap((id) => (id ? [runToEnd(person, id)] : [])))
    const inTurn = ended.every((run, place) => place === 0 || begin(run) >= end(ended[place - 1]))
    expect([ended.map(({ status }) => status), inTurn]).toEqual([ended.map(() => 'succeeded'), true])
    door.close()
  })
})

const begin = (run: { startedAt: string | null } | undefined) => run?.startedAt ?? ''
const end = (run: { completedAt: string | null } | undefined) => run?.completedAt ?? ''
