import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { keepFile } from '../support/files.ts'
import { bring, catalogPlace, test } from '../support/turns.ts'
import { startBulk } from './bulk-operations.ts'

describe('a bulk retry', () => {
  test('tries failed runs again and says of each other one why not, without stopping', async ({ world, turns }) => {
    const { company, addRuns } = await catalogPlace(world)
    const runs = [
      ...(await addRuns(1, { status: 'failed' })),
      ...(await addRuns(1, { status: 'running' })),
      ...(await addRuns(1, { status: 'failed', retryCount: 3 })),
      ...(await addRuns(1, { status: 'succeeded' })),
      ...(await addRuns(1)),
      ...(await addRuns(1, { status: 'failed', retryCount: 2 })),
    ]
    const options = { from: 'failed_step' as const }
    const { items, look } = await startBulk(company, { action: 'retry', filter: { executionIds: runs }, options })
    await turns()
    const verdictOf = new Map((await items()).map((item) => [item.executionId, `${item.verdict}: ${item.message}`]))
    expect(runs.map((run) => verdictOf.get(run))).toEqual([
      'done: null',
      'refused: This run is under way; only a failed run is tried again.',
      'refused: This run has been tried four times and is not tried again; replay it as a new run.',
      'refused: This run has succeeded; only a failed run is tried again.',
      'refused: This run waits for its turn; only a failed run is tried again.',
      'done: null',
    ])
    expect(await look()).toMatchObject({ status: 'finished', done: 2, refused: 4, waiting: 0, skipped: 0 })
    const { rows } = await world.stack.owner.query(
      'select status, retry_count, retry_from from workflow_executions where id = any ($1) order by retry_count',
      [[runs[0], runs[5]]],
    )
    const again = { status: 'pending', retry_from: 'failed_step' }
    expect(rows).toEqual([
      { ...again, retry_count: 1 },
      { ...again, retry_count: 3 },
    ])
  })

  test('is refused with the reason in a studio that was archived meanwhile', async ({ world, turns }) => {
    const { company, studioId, addRuns } = await catalogPlace(world)
    await addRuns(2, { status: 'failed' })
    const { items } = await startBulk(company, { action: 'retry', filter: { studioId } })
    await turns(1)
    await company.admin.api.studios.archive.mutate({ studioId })
    await turns()
    const message = 'The studio is archived; no workflow can be started in it.'
    expect(await items()).toMatchObject([{ verdict: 'done' }, { verdict: 'refused', message }])
  })
})

describe('a bulk cancel', () => {
  test('ends what waits, asks for the end of what is under way, and leaves what has ended', async ({
    world,
    turns,
  }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    const [pending = ''] = await addRuns(1)
    const [running = ''] = await addRuns(1, { status: 'running' })
    const [paused = ''] = await addRuns(1, { status: 'paused' })
    const [ended = ''] = await addRuns(1, { status: 'failed' })
    const { items } = await startBulk(company, { action: 'cancel', filter: {} })
    await turns()
    const verdictOf = new Map((await items()).map((item) => [item.executionId, `${item.verdict}: ${item.message}`]))
    expect(verdictOf.get(pending)).toBe('done: null')
    expect(verdictOf.get(running)).toBe('done: The run is under way; it is being stopped.')
    expect(verdictOf.get(paused)).toBe('done: The run is under way; it is being stopped.')
    expect(verdictOf.get(ended)).toBe('refused: This run has failed; it cannot be cancelled any more.')
    const { rows } = await world.stack.owner.query(
      `select status, cancel_requested_at is not null as asked from workflow_executions where company_id = $1 order by status`,
      [companyId],
    )
    expect(rows).toEqual([
      { status: 'cancelled', asked: true },
      { status: 'failed', asked: false },
      { status: 'paused', asked: true },
      { status: 'running', asked: true },
    ])
  })
})

describe('a bulk replay', () => {
  test('starts each ended run anew, in the name of who asked and behind what people wait for', async ({
    world,
    turns,
  }) => {
    const { company, companyId, studioId, templateId, addRuns } = await catalogPlace(world)
    const [failed = ''] = await addRuns(1, { status: 'failed', input: { data: 'a,b\n', asOf: '2020-01-01' } })
    const [waiting = ''] = await addRuns(1)
    const options = { input: { asOf: '2024-12-31' } }
    const { items } = await startBulk(company, { action: 'replay', filter: { studioId }, options })
    await turns()
    const found = await items()
    const refused = {
      verdict: 'refused',
      message: 'This run waits for its turn; it can be replayed once it has ended.',
    }
    expect(found.find(({ executionId }) => executionId === waiting)).toMatchObject(refused)
    const done = found.find(({ executionId }) => executionId === failed)
    expect(done).toMatchObject({ verdict: 'done', message: null })
    const executionId = done?.newExecutionId ?? ''
    const replay = await company.viewer.api.executions.byId.query({ executionId })
    const asked = {
      companyId,
      studioId,
      templateId,
      userId: company.member.userId,
      source: 'replay',
      status: 'pending',
    }
    expect(replay).toMatchObject({ ...asked, inputData: { data: 'a,b\n', asOf: '2024-12-31' } })
    const { rows } = await world.stack.owner.query(
      'select replay_of, priority, cause from workflow_executions where id = $1',
      [executionId],
    )
    const cause = { root: failed, parent: failed, depth: 1 }
    expect(rows).toEqual([{ replay_of: failed, priority: 3, cause }])
  })

  test('goes back to the first run through replays of replays', async ({ world, turns }) => {
    const { company, addRuns } = await catalogPlace(world)
    const [first = ''] = await addRuns(1, { status: 'failed' })
    const replay = async (run: string) => {
      const { items } = await startBulk(company, { action: 'replay', filter: { executionIds: [run] } })
      await turns()
      return (await items())[0]?.newExecutionId ?? ''
    }
    const second = await replay(first)
    await bring(world.stack.owner, [second], { status: 'failed' })
    const third = await replay(second)
    const { rows } = await world.stack.owner.query('select cause from workflow_executions where id = $1', [third])
    expect(rows).toEqual([{ cause: { root: first, parent: second, depth: 2 } }])
  })

  test('checks the input against the workflow as it is now', async ({ world, turns }) => {
    const { company, addRuns } = await catalogPlace(world)
    await addRuns(1, { status: 'succeeded' })
    await addRuns(1, { status: 'failed', input: { data: 'a\n', gone: 1 } })
    const { items } = await startBulk(company, { action: 'replay', filter: { status: 'failed' } })
    await turns()
    const message = expect.stringMatching(
      /^The input does not fit the workflow as it is now: input.gone is not asked for/,
    )
    expect(await items()).toMatchObject([{ verdict: 'refused', message, newExecutionId: null }])
  })

  test('over the quota is done, and the new run is kept until there is room', async ({ world, turns }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    await addRuns(2, { status: 'failed' })
    const limits = 'insert into company_limits (company_id, max_executions_per_month) values ($1, 3)'
    await world.stack.owner.query(limits, [companyId])
    const { items } = await startBulk(company, { action: 'replay', filter: {} })
    await turns()
    const kept = expect.stringContaining('is kept and waits')
    expect(await items()).toMatchObject([
      { verdict: 'done', message: null },
      { verdict: 'done', message: kept },
    ])
  })
})

describe('the rights of the person who asked', () => {
  test.for(['demoted', 'revoked', 'shut out of the studio'] as const)(
    'are looked at for each run: once %s, the rest is refused',
    async (what, { world, turns }) => {
      const access = what === 'shut out of the studio' ? 'restricted' : 'company'
      const { company, companyId, studioId, addRuns } = await catalogPlace(world, access)
      const { admin, member } = company
      const { userId } = member
      if (access === 'restricted') await admin.api.studios.members.add.mutate({ studioId, userId })
      const runs = await addRuns(4)
      const { operationId } = await startBulk(company, { action: 'cancel', filter: {} })
      await turns(2)
      if (what === 'demoted') await admin.api.companies.members.changeRole.mutate({ companyId, userId, role: 'viewer' })
      else if (what === 'revoked') await admin.api.companies.members.revoke.mutate({ companyId, userId })
      else await admin.api.studios.members.remove.mutate({ studioId, userId })
      await turns()
      const { items } = await admin.api.bulk.items.query({ companyId, operationId })
      const refused = { verdict: 'refused', message: expect.stringContaining('may not work in the studio') }
      expect(items).toMatchObject([{ verdict: 'done' }, { verdict: 'done' }, refused, refused])
      expect(await admin.api.bulk.byId.query({ companyId, operationId })).toMatchObject({ status: 'finished', done: 2 })
      for (const executionId of runs.slice(2))
        expect(await admin.api.executions.byId.query({ executionId })).toMatchObject({ status: 'pending' })
    },
  )
})

describe('what is done in bulk', () => {
  test('is recorded as the work of a worker in the name of who asked', async ({ world, turns }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    await addRuns(1, { status: 'failed' })
    await startBulk(company, { action: 'replay', filter: {} })
    await turns()
    const { rows } = await world.stack.owner.query(
      `select actor, user_id, action from audit_logs where company_id = $1 and resource_type = 'workflow_executions' and actor <> 'operator'`,
      [companyId],
    )
    expect(rows).toEqual([{ actor: 'worker', user_id: company.member.userId, action: 'insert' }])
  })
})

describe('a bulk replay with a file', () => {
  test('takes it in place of text that was pasted, and leaves the rest of each input', async ({ world, turns }) => {
    const { company, studioId, addRuns } = await catalogPlace(world)
    const { id: file } = await keepFile(world.stack, company.member, { studioId })
    const runs = [
      ...(await addRuns(1, { status: 'failed', input: { data: 'a,b\n', stalledAfterDays: 7 } })),
      ...(await addRuns(1, { status: 'failed', input: { file: randomUUID(), dateOrder: 'dmy' } })),
    ]
    const replays = { action: 'replay' as const, filter: { executionIds: runs } }
    const { items } = await startBulk(company, { ...replays, options: { input: { file } } })
    await turns()
    const started = new Map((await items()).map((item) => [item.executionId, item.newExecutionId ?? item.message]))
    const inputs = runs.map(async (run) => {
      const { api } = company.member
      return (await api.executions.byId.query({ executionId: started.get(run) ?? '' })).inputData
    })
    expect(await Promise.all(inputs)).toEqual([
      { file, stalledAfterDays: 7, dateOrder: 'auto', topN: 50 },
      { file, dateOrder: 'dmy', topN: 50 },
    ])
    const both = await startBulk(company, { ...replays, options: { input: { file, data: 'a,b\n' } } })
    await turns()
    const message = expect.stringContaining('takes either data or file, not both')
    expect(await both.items()).toMatchObject(runs.map(() => ({ verdict: 'refused', message })))
  })
})
