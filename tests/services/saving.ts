import { createHash } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'
import { type EffectKind, effectKinds } from '../../src/contracts/effects.ts'
import type { Effect } from '../../src/contracts/envelope.ts'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { endExecution } from '../../src/db/queries/work.ts'
import { applyEffects } from '../../src/services/workflows/effects/apply.ts'
import { judgeEffects } from '../../src/services/workflows/effects/record.ts'
import { effectEvent } from '../../src/services/workflows/effects/telling.ts'
import { supabaseStorage } from '../../src/storage/supabase-storage.ts'
import { test as resting, runUnderWay, type Workplace, workplace } from '../support/resting.ts'
import type { TestStack } from '../support/stack.ts'
import type { World } from '../support/world.ts'

export type Saver = Parameters<typeof applyEffects>[0] & Pick<Database['own'], 'write'>

/** `test` on a stack without a worker of its own; `saver` is one that applies effects when it is told to. */
export const test = resting.extend('saver', ({ stack }, { onCleanup }) => {
  const { workerUrl: url } = stack.connections.database
  const database = openDatabase({ url, maxConnections: 4, onConnectionError: () => undefined })
  onCleanup(() => database.close())
  const warnings: object[] = []
  const log = { info: () => undefined, warn: (details: object) => void warnings.push(details) }
  return { ...database.own, log, now: Date.now, objects: supabaseStorage(stack.connections.supabase), warnings }
})

export const save = (given: object): Effect => ({ kind: 'file.save', arguments: { filename: 'report.csv', ...given } })

/** A run of a member's that has succeeded and asks for these effects. */
export async function asking(
  world: World,
  saver: Saver,
  effects: Effect[],
  declared: EffectKind[] = [...effectKinds],
): Promise<{ place: Workplace; executionId: string }> {
  const place = await workplace(world)
  const { member } = place.company
  const { executionId } = await runUnderWay(world, { ...place, userId: member.userId })
  const rows = judgeEffects(declared, effects)
  const ending = { status: 'succeeded' as const, completedAt: new Date().toISOString(), engineRunId: null }
  const told = rows.map(effectEvent)
  const work = { id: executionId, retryCount: 0, attempt: 1, origin: 1 }
  await saver.write((tx) => endExecution(tx, work, { ending, told, effects: rows }))
  return { place, executionId }
}

/** Applies until nothing waits. */
export async function applyAll(saver: Saver): Promise<void> {
  while (await applyEffects(saver));
}

/** What became of a run's effects, as its starter is told. */
export async function toldOf({ company }: Workplace, executionId: string) {
  return (await company.member.api.executions.effects.query({ executionId })).items
}

/** What is kept for a company: files, versions, bytes in use, paths in the storage, and paths to be removed. */
export async function keptFor({ stack }: World, companyId: string) {
  const { owner } = stack
  const files = await owner.query('select * from files where company_id = $1 order by upload_timestamp, id', [
    companyId,
  ])
  const versions = await owner.query('select * from file_versions where company_id = $1', [companyId])
  const use = await owner.query('select used_bytes from company_storage where company_id = $1', [companyId])
  const removals = await owner.query(
    'select supabase_path, not_before <= now() as is_due from file_removals where company_id = $1',
    [companyId],
  )
  return {
    files: files.rows,
    versions: versions.rows,
    usedBytes: Number(use.rows[0]?.used_bytes ?? 0),
    removals: removals.rows,
    objects: await objectsOf(stack, companyId),
  }
}

async function objectsOf({ owner }: TestStack, companyId: string): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(`select name from storage.objects where name like $1 || '/%'`, [
    companyId,
  ])
  return rows.map(({ name }) => name)
}

export async function bytesAt({ supabase }: TestStack, path: string): Promise<Buffer> {
  const client = createClient(supabase.url, supabase.secretKey, { auth: { persistSession: false } })
  const { data, error } = await client.storage.from('studio-files').download(path)
  if (error) throw error
  return Buffer.from(await data.arrayBuffer())
}

export const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')

/** The same worker; `deed` is done once the bytes of its next file are stored. */
export function afterBytes(saver: Saver, deed: () => Promise<unknown>): Saver {
  let hasStored = false
  const { own } = saver.objects
  const put: typeof own.put = async (...call) => {
    await own.put(...call)
    if (!hasStored) await deed()
    hasStored = true
  }
  return { ...saver, objects: { ...saver.objects, own: { ...own, put } } }
}
