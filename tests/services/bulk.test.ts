import { describe, expect } from 'vitest'
import type { BulkItem, StartBulkInput } from '../../src/contracts/bulk.ts'
import { allPages } from '../routers/lists.ts'
import type { TestStack } from '../support/stack.ts'
import { bring, catalogPlace, openWorkerDatabase, takeTurns, test } from '../support/turns.ts'
import type { Company } from '../support/world.ts'

type Asked = Omit<StartBulkInput, 'companyId' | 'options'> & Partial<Pick<StartBulkInput, 'options'>>

async function start({ id: companyId, member }: Company, asked: Asked) {
  const { id: operationId } = await member.api.bulk.start.mutate({ companyId, ...asked })
  return {
    operationId,
    look: () => member.api.bulk.byId.query({ companyId, operationId }),
    items: () =>
      allPages<BulkItem>((cursor) => member.api.bulk.items.query({ companyId, operationId, limit: 100, ...cursor })),
  }
}

/** How often each run was replayed. */
async function replaysOf({ owner }: TestStack, runs: string[]): Promise<number[]> {
  const { rows } = await owner.query<{ replays: number }>(
    `select count(r.id)::int as replays from unnest($1::uuid[]) with ordinality o (id, n)
     left join workflow_executions r on r.replay_of = o.id group by o.n order by o.n`,
    [runs],
  )
  return rows.map(({ replays }) => replays)
}

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
    const { items, look } = await start(company, { action: 'retry', filter: { executionIds: runs }, options })
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
    const { items } = await start(company, { action: 'retry', filter: { studioId } })
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
    const { items } = await start(company, { action: 'cancel', filter: {} })
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
    const { items } = await start(company, { action: 'replay', filter: { studioId }, options })
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
      const { items } = await start(company, { action: 'replay', filter: { executionIds: [run] } })
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
    const { items } = await start(company, { action: 'replay', filter: { status: 'failed' } })
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
    const { items } = await start(company, { action: 'replay', filter: {} })
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
      const { operationId } = await start(company, { action: 'cancel', filter: {} })
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
    await start(company, { action: 'replay', filter: {} })
    await turns()
    const { rows } = await world.stack.owner.query(
      `select actor, user_id, action from audit_logs where company_id = $1 and resource_type = 'workflow_executions' and actor <> 'operator'`,
      [companyId],
    )
    expect(rows).toEqual([{ actor: 'worker', user_id: company.member.userId, action: 'insert' }])
  })
})

describe('two hundred runs', () => {
  test('are each replayed once by two workers at the same time', async ({ world }) => {
    const { company, addRuns } = await catalogPlace(world)
    const runs = await addRuns(200, { status: 'failed' })
    const { look } = await start(company, { action: 'replay', filter: { status: 'failed' } })
    const workers = [openWorkerDatabase(world.stack), openWorkerDatabase(world.stack)]
    await Promise.all(workers.map((database) => takeTurns(database.own)))
    await Promise.all(workers.map((database) => database.close()))
    expect(await look()).toMatchObject({ status: 'finished', done: 200, refused: 0, waiting: 0 })
    expect(await replaysOf(world.stack, runs)).toEqual(Array(200).fill(1))
  })

  test('are aborted in the middle while two workers are at it: what is done is done, the rest is untouched', async ({
    world,
    turns,
  }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    const runs = await addRuns(200, { status: 'failed' })
    const { operationId, items } = await start(company, { action: 'replay', filter: { status: 'failed' } })
    await turns(10)
    const workers = [openWorkerDatabase(world.stack), openWorkerDatabase(world.stack)]
    // Too few turns to come to the end before the abort does.
    const going = Promise.all(workers.map((database) => takeTurns(database.own, 90)))
    const aborted = await company.member.api.bulk.abort.mutate({ companyId, operationId })
    await going
    await Promise.all(workers.map((database) => database.close()))
    expect(aborted).toMatchObject({ status: 'aborted', waiting: 0, refused: 0 })
    expect(aborted.done).toBeGreaterThanOrEqual(10)
    const verdicts = (await items()).map(({ verdict }) => verdict)
    expect(verdicts.filter((verdict) => verdict === 'done')).toHaveLength(aborted.done)
    expect(await replaysOf(world.stack, runs)).toEqual(verdicts.map((verdict) => (verdict === 'done' ? 1 : 0)))
  })
})

describe('a worker', () => {
  test('that is killed before its commit has done nothing, and the next one goes on from there', async ({
    world,
    turns,
  }) => {
    const { company, addRuns } = await catalogPlace(world)
    const runs = await addRuns(3, { status: 'failed' })
    const { look } = await start(company, { action: 'replay', filter: { status: 'failed' } })
    const { own, close } = openWorkerDatabase(world.stack)
    await takeTurns(own, 1)
    const doomed: typeof own = {
      read: own.read,
      transaction: (work) =>
        own.transaction(async (tx) => {
          const result = await work(tx)
          await world.stack.owner.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and usename = 'studios_worker' and state = 'idle in transaction'`,
          )
          return result
        }),
    }
    await expect(takeTurns(doomed)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await close()
    expect(await look()).toMatchObject({ status: 'running', done: 1, waiting: 2 })
    expect(await replaysOf(world.stack, runs)).toEqual([1, 0, 0])
    await turns()
    expect(await look()).toMatchObject({ status: 'finished', done: 3, waiting: 0 })
    expect(await replaysOf(world.stack, runs)).toEqual([1, 1, 1])
  })

  test('gives each operation a turn: a large one does not hold up a small one', async ({ world, turns }) => {
    const [large, small] = [await catalogPlace(world), await catalogPlace(world)]
    await large.addRuns(30)
    await small.addRuns(2)
    const first = await start(large.company, { action: 'cancel', filter: {} })
    const second = await start(small.company, { action: 'cancel', filter: {} })
    await turns(3)
    expect(await first.look()).toMatchObject({ done: 3, status: 'running' })
    expect(await second.look()).toMatchObject({ done: 2, status: 'finished' })
    await turns()
    expect(await first.look()).toMatchObject({ done: 30, status: 'finished' })
  })

  test('goes on with the next run when one cannot be dealt with for a fault of ours', async ({ world, turns }) => {
    const { company, addRuns } = await catalogPlace(world)
    const [broken = ''] = await addRuns(1)
    await addRuns(1)
    const { owner } = world.stack
    await owner.query(`create function public.break_run() returns trigger language plpgsql as $$
      begin raise exception 'a fault with secrets in it'; end $$`)
    await owner.query(`create trigger break_run before update on workflow_executions for each row
      when (old.id = '${broken}') execute function public.break_run()`)
    const { items } = await start(company, { action: 'cancel', filter: {} })
    await turns()
    await owner.query('drop function public.break_run() cascade')
    const message = 'Something went wrong on our side with this run; nothing was changed.'
    const found = await items()
    expect(found.find(({ executionId }) => executionId === broken)).toMatchObject({ verdict: 'refused', message })
    expect(found.filter(({ verdict }) => verdict === 'done')).toHaveLength(1)
  })
})
