import { describe, expect } from 'vitest'
import { readEnvironment } from '../../src/config.ts'
import { DomainError } from '../../src/errors.ts'
import { applyEffects } from '../../src/services/workflows/effects/apply.ts'
import { startWorker } from '../../src/worker/worker.ts'
import type { Run } from '../db/support/run.ts'
import { effectsDecided } from '../support/effects.ts'
import { workerContext } from '../support/worker.ts'
import { applyAll, ask, branch, branchesOf, effectsOf, insight, type TestWorker, test, toldOf } from './effect-runs.ts'

const env = readEnvironment({})

/** No run is under way here, so it is never asked. */
const noEngine = {
  url: 'http://127.0.0.1:9',
  account: { email: 'nobody@example.com', password: 'none' },
  webhookSecret: 'none',
}

/** Has the database do something whenever a branch of this name has been written. */
async function onBranch(owner: Run, name: string, deed: string): Promise<void> {
  const trigger = `after_${name.toLowerCase().replaceAll(' ', '_')}`
  await owner(`create function ${trigger}() returns trigger language plpgsql security definer as $$
    begin ${deed} return null; end $$`)
  await owner(`create trigger ${trigger} after update of branches on companies for each row
    when (new.branches @> '[{"name": "${name}"}]' and not old.branches @> '[{"name": "${name}"}]') execute function ${trigger}()`)
}

/** Applies until nothing waits, going on after every lost connection; gives how many were lost. */
async function applyThroughLosses(worker: TestWorker): Promise<number> {
  let losses = 0
  for (;;) {
    try {
      if (!(await applyEffects(worker))) return losses
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'UNAVAILABLE') throw error
      losses += 1
    }
  }
}

describe('an effect that the database cannot carry out', () => {
  test('is tried five times, after the others, and then given up', async ({ owner, worker, tenant }) => {
    await onBranch(owner, 'Cursed', `raise exception 'a fault of the machine';`)
    const cursed = await ask({ owner, worker }, tenant, [branch('Cursed'), branch('North')])
    const other = await ask({ owner, worker }, tenant, [branch('South')])
    await applyEffects(worker)
    await applyEffects(worker)
    expect(await effectsOf(owner, other), 'the other run does not wait for the tries').toMatchObject([
      { outcome: 'applied' },
    ])
    expect(await effectsOf(owner, cursed)).toMatchObject([{ outcome: 'waiting', attempts: 1 }, { outcome: 'waiting' }])
    await applyAll(worker)
    const rows = await effectsOf(owner, cursed)
    expect(rows).toMatchObject([
      { outcome: 'failed', attempts: 5, reason: expect.stringContaining('5 tries'), result: null, applied_at: null },
      { outcome: 'applied', attempts: 0 },
    ])
    expect(rows[0]?.['reason']).not.toContain('machine')
    expect(await toldOf(owner, cursed)).toEqual(['1 waiting', '2 waiting', '1 failed', '2 applied'])
    expect((await branchesOf(owner, tenant)).map(({ name }) => name)).toEqual(['South', 'North'])
    expect(
      worker.warnings.filter((details) => 'executionId' in details && details.executionId === cursed),
    ).toHaveLength(5)
  })

  test('is refused with the rule’s own sentence where a rule of the database forbids it', async ({
    owner,
    worker,
    tenant,
  }) => {
    await onBranch(owner, 'Forbidden', `raise exception using errcode = 'ST002', message = 'The plan is used up.';`)
    const executionId = await ask({ owner, worker }, tenant, [branch('Forbidden'), insight('Goes on')])
    await applyAll(worker)
    expect(await effectsOf(owner, executionId)).toMatchObject([
      { outcome: 'refused', reason: 'The plan is used up.', attempts: 0 },
      { outcome: 'applied' },
    ])
    expect(await branchesOf(owner, tenant)).toEqual([])
  })
})

describe('a worker that dies with a change made and not committed', () => {
  test('loses nothing and does nothing twice, however often', async ({ owner, worker, tenant }) => {
    await owner('create sequence deaths')
    // A sequence is not rolled back: of every three writes the first two die.
    await onBranch(
      owner,
      'Deadly',
      `if nextval('deaths') % 3 <> 0 then perform pg_terminate_backend(pg_backend_pid()); end if;`,
    )
    const effects = [branch('North'), branch('Deadly'), branch('South'), insight('The end')]
    const executionId = await ask({ owner, worker }, tenant, effects)
    expect(await applyThroughLosses(worker)).toBe(2)
    const rows = await effectsOf(owner, executionId)
    expect(rows.map(({ outcome, attempts }) => `${outcome} after ${attempts}`)).toEqual(
      [0, 2, 0, 0].map((losses) => `applied after ${losses}`),
    )
    expect((await branchesOf(owner, tenant)).map(({ name }) => name)).toEqual(['North', 'Deadly', 'South'])
    expect((await toldOf(owner, executionId)).slice(4)).toEqual(['1 applied', '2 applied', '3 applied', '4 applied'])
    expect(await owner('select from insights where execution_id = $1', [executionId])).toHaveLength(1)
    const audited = await owner(
      `select from audit_logs where company_id = $1 and resource_type = 'companies' and user_id = $2 and actor = 'worker'`,
      [tenant.id, tenant.admin.userId],
    )
    expect(audited).toHaveLength(3)
  })

  test('of the same effect each time goes on without it in the end', async ({ owner, worker, tenant }) => {
    await onBranch(owner, 'Fatal', 'perform pg_terminate_backend(pg_backend_pid());')
    const executionId = await ask({ owner, worker }, tenant, [branch('Fatal'), branch('North')])
    expect(await applyThroughLosses(worker)).toBe(5)
    expect(await effectsOf(owner, executionId)).toMatchObject([{ outcome: 'failed' }, { outcome: 'applied' }])
    expect((await branchesOf(owner, tenant)).map(({ name }) => name)).toEqual(['North'])
  })

  test('or stops in the middle leaves the rest to the next one', async ({ clone, owner, worker, tenant }) => {
    const effects = Array.from({ length: 12 }, (_, place) => branch(`Branch ${place + 1}`))
    const names = effects.map((one) => one.arguments['name'])
    const serve = () =>
      startWorker({
        databaseUrl: clone.workerUrl,
        ...workerContext({ env, connections: { engine: noEngine }, url: noEngine.url }),
      })
    // Shut while the seventh is being applied, and opened once the worker has been told to stop.
    await onBranch(owner, 'Branch 7', 'perform pg_advisory_xact_lock(7);')
    await owner('select pg_advisory_lock(7)')
    const first = await serve()
    const executionId = await ask({ owner, worker }, tenant, effects)
    await effectsDecided(clone.ownerUrl, executionId, 6)
    const closing = first.close()
    await owner('select pg_advisory_unlock(7)')
    await closing
    const left = (await effectsOf(owner, executionId)).filter(({ outcome }) => outcome === 'waiting')
    expect(left.length).toBeGreaterThanOrEqual(5)
    const second = await serve()
    await effectsDecided(clone.ownerUrl, executionId)
    await second.close()
    expect((await branchesOf(owner, tenant)).map(({ name }) => name)).toEqual(names)
    expect((await toldOf(owner, executionId)).slice(12)).toEqual(names.map((_, place) => `${place + 1} applied`))
  })
})
