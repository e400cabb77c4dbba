import { type EffectKind, effectKinds } from '../../src/contracts/effects.ts'
import type { Effect } from '../../src/contracts/envelope.ts'
import type { Database } from '../../src/db/client.ts'
import { endExecution } from '../../src/db/queries/work.ts'
import type { ScopeClaims } from '../../src/db/scope.ts'
import { applyEffects } from '../../src/services/workflows/effects/apply.ts'
import { judgeEffects } from '../../src/services/workflows/effects/record.ts'
import { effectEvent } from '../../src/services/workflows/effects/telling.ts'
import { supabaseStorage } from '../../src/storage/supabase-storage.ts'
import { insertRow, type Run } from '../db/support/run.ts'
import { executionRow, furnish, type Tenant } from '../db/support/tenant.ts'
import { test as base } from '../db/support/two-companies.ts'

/** `test` with a new `tenant` for each test and a `worker` that applies effects only when it is told to. */
export const test = base
  .extend('database', { scope: 'file' }, ({ clone }) => clone.open({ maxConnections: 3, url: clone.workerUrl }))
  .extend('worker', { scope: 'file' }, ({ database }) => {
    const warnings: object[] = []
    const log = { info: () => undefined, warn: (details: object) => void warnings.push(details) }
    return { ...database.own, log, now: Date.now, objects: supabaseStorage(nowhere), warnings }
  })
  .extend('tenant', async ({ owner }) => {
    const tenant = await furnish(owner)
    await owner('delete from execution_effects')
    return tenant
  })

/** No effect here has bytes to store. */
const nowhere = { url: 'http://127.0.0.1:9', publishableKey: '', secretKey: '' }

export type TestWorker = Parameters<typeof applyEffects>[0] & Pick<Database['own'], 'write'>

interface Asking {
  starter?: ScopeClaims
  declared?: EffectKind[]
  studioId?: string
}

/** A run of the tenant's that has succeeded and asks for these effects; gives its id. */
export async function ask(
  { owner, worker }: { owner: Run; worker: TestWorker },
  tenant: Tenant,
  effects: Effect[],
  { starter = tenant.admin, declared = [...effectKinds], studioId = tenant.studioId }: Asking = {},
): Promise<string> {
  const row = executionRow(tenant.id, studioId, tenant.templateId, starter)
  const { id } = await insertRow(owner, 'workflow_executions', row)
  await owner(`update workflow_executions set status = 'running' where id = $1`, [id])
  const work = { id: String(id), retryCount: 0, attempt: 1, origin: 1 }
  const rows = judgeEffects(declared, effects)
  const ending = { status: 'succeeded' as const, completedAt: new Date().toISOString(), engineRunId: null }
  await worker.write((tx) => endExecution(tx, work, { ending, told: rows.map(effectEvent), effects: rows }))
  return work.id
}

/** Applies until nothing waits. */
export async function applyAll(worker: TestWorker): Promise<void> {
  while (await applyEffects(worker));
}

/** What became of a run's effects, in their order. */
export function effectsOf(owner: Run, executionId: string) {
  return owner('select * from execution_effects where execution_id = $1 order by ordinal', [executionId])
}

/** What is told of a run's effects, as `ordinal outcome`, in the order in which it was told. */
export async function toldOf(owner: Run, executionId: string): Promise<string[]> {
  const rows = await owner(
    `select data ->> 'ordinal' as ordinal, data ->> 'outcome' as outcome from execution_events
     where execution_id = $1 and type = 'effect' order by id`,
    [executionId],
  )
  return rows.map(({ ordinal, outcome }) => `${ordinal} ${outcome}`)
}

export async function branchesOf(owner: Run, { id }: Tenant): Promise<Record<string, unknown>[]> {
  const [row] = await owner('select branches from companies where id = $1', [id])
  return row?.['branches'] as Record<string, unknown>[]
}

export const branch = (name: string, more: object = {}): Effect => ({
  kind: 'branch.upsert',
  arguments: { name, address: `1 ${name} Road`, ...more },
})

export const contact = (change: object): Effect => ({ kind: 'company.updateContact', arguments: { ...change } })

export const insight = (title: string, importance = 'low'): Effect => ({
  kind: 'insight.record',
  arguments: { id: 'one', title, finding: 'It is so.', computation: 'Counted.', action: 'Go on.', importance },
})
