import { describe, expect } from 'vitest'
import { catalogPlace, openWorkerDatabase, takeTurns, test } from '../support/turns.ts'
import { replaysOf, startBulk } from './bulk-operations.ts'

describe('two workers', () => {
  test('at the same time replay each of two hundred runs once', async ({ world }) => {
    const { company, addRuns } = await catalogPlace(world)
    const runs = await addRuns(200, { status: 'failed' })
    const { look } = await startBulk(company, { action: 'replay', filter: { status: 'failed' } })
    const workers = [openWorkerDatabase(world.stack), openWorkerDatabase(world.stack)]
    await Promise.all(workers.map((database) => takeTurns(database.own)))
    await Promise.all(workers.map((database) => database.close()))
    expect(await look()).toMatchObject({ status: 'finished', done: 200, refused: 0, waiting: 0 })
    expect(await replaysOf(world.stack, runs)).toEqual(Array(200).fill(1))
  })

  test('that are at it when somebody aborts leave what is done done, and the rest untouched', async ({
    world,
    turns,
  }) => {
    const { company, companyId, addRuns } = await catalogPlace(world)
    const runs = await addRuns(60, { status: 'failed' })
    const { operationId, items } = await startBulk(company, { action: 'replay', filter: { status: 'failed' } })
    await turns(5)
    const workers = [openWorkerDatabase(world.stack), openWorkerDatabase(world.stack)]
    // Too few turns to come to the end before the abort does.
    const going = Promise.all(workers.map((database) => takeTurns(database.own, 25)))
    const aborted = await company.member.api.bulk.abort.mutate({ companyId, operationId })
    await going
    await Promise.all(workers.map((database) => database.close()))
    expect(aborted).toMatchObject({ status: 'aborted', waiting: 0, refused: 0 })
    expect(aborted.done).toBeGreaterThanOrEqual(5)
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
    const { look } = await startBulk(company, { action: 'replay', filter: { status: 'failed' } })
    const { own, close } = openWorkerDatabase(world.stack)
    await takeTurns(own, 1)
    const doomed: typeof own = {
      ...own,
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
    const first = await startBulk(large.company, { action: 'cancel', filter: {} })
    const second = await startBulk(small.company, { action: 'cancel', filter: {} })
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
    const { items } = await startBulk(company, { action: 'cancel', filter: {} })
    await turns()
    await owner.query('drop function public.break_run() cascade')
    const message = 'Something went wrong on our side with this run; nothing was changed.'
    const found = await items()
    expect(found.find(({ executionId }) => executionId === broken)).toMatchObject({ verdict: 'refused', message })
    expect(found.filter(({ verdict }) => verdict === 'done')).toHaveLength(1)
  })
})
