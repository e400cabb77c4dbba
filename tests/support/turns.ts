import type { ExecutionStatus } from '../../src/contracts/executions.ts'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { carryOutBulk } from '../../src/services/workflows/carry-out-bulk.ts'
import { test as resting } from './resting.ts'
import type { TestStack } from './stack.ts'
import type { Company, World } from './world.ts'

/** `test` on a stack without a worker of its own: bulk operations go on when `turns` is called. */
export const test = resting
  .extend('workerDatabase', ({ stack }, { onCleanup }) => {
    const database = openWorkerDatabase(stack)
    onCleanup(() => database.close())
    return database
  })
  /** Gives every operation so many turns, or as many as there are; tells whether there may be more to do. */
  .extend(
    'turns',
    ({ workerDatabase }) =>
      (most = Number.POSITIVE_INFINITY) =>
        takeTurns(workerDatabase.own, most),
  )

export function openWorkerDatabase(stack: TestStack): Database {
  const { workerUrl: url } = stack.connections.database
  return openDatabase({ url, maxConnections: 2, onConnectionError: () => undefined })
}

export async function takeTurns(database: Database['own'], most = Number.POSITIVE_INFINITY): Promise<boolean> {
  const log = { info: () => undefined, warn: () => undefined }
  for (let turn = 0; turn < most; turn += 1) if (!(await carryOutBulk({ ...database, log }))) return false
  return true
}

/** A company, a studio of it and a workflow of the catalog, whose runs only have to be there. */
export async function catalogPlace(world: World, access: 'company' | 'restricted' = 'company') {
  const company = await world.company()
  return { company, ...(await placeIn(world, company, access)) }
}

export async function placeIn(world: World, company: Company, access: 'company' | 'restricted') {
  const { id: studioId } = await world.studio(company.admin, company.id, { access })
  const { id: templateId } = await company.admin.api.catalog.byId.query({ templateId: 'deal-pipeline-analysis' })
  const place = { companyId: company.id, studioId, templateId, userId: company.admin.userId }
  return { ...place, addRuns: (count: number, state?: RunState) => addRuns(world.stack, place, count, state) }
}

export interface RunState {
  status?: ExecutionStatus
  retryCount?: number
  failedStep?: string | null
  failureKind?: string
  errorMessage?: string | null
  input?: Record<string, unknown>
}

interface Place {
  companyId: string
  studioId: string
  templateId: string
  userId: string
}

/** A cause of failures of which no run is there any more; its id. */
export async function addCause({ owner }: TestStack, place: Omit<Place, 'userId'>): Promise<string> {
  const { rows } = await owner.query<{ id: string }>(
    `insert into failure_groups (company_id, studio_id, template_id, fingerprint, message, failures)
     values ($1, $2, $3, 'none', 'It failed.', 1) returning id`,
    [place.companyId, place.studioId, place.templateId],
  )
  return rows[0]?.id ?? ''
}

/** Runs in a state, a second between one and the next; their ids, oldest first. */
async function addRuns({ owner }: TestStack, place: Place, count: number, state: RunState = {}): Promise<string[]> {
  const { input = { data: 'a,b\n' }, status = 'pending' } = state
  const { rows } = await owner.query<{ id: string }>(
    `with added as (
       insert into workflow_executions (company_id, studio_id, template_id, template_version, user_id, input_data, input_hash, created_at, retry_count)
       select $1, $2, t.id, t.version, $4, $5, 'none', now() + make_interval(secs => n - $6), $7
       from workflow_templates t, generate_series(1, $6) n where t.id = $3
       returning id, created_at
     ) select id from added order by created_at`,
    [place.companyId, place.studioId, place.templateId, place.userId, input, count, state.retryCount ?? 0],
  )
  const ids = rows.map(({ id }) => id)
  if (status !== 'pending') await bring(owner, ids, { ...state, status })
  return ids
}

/** Moves runs on to a state, as the worker would. */
export async function bring(owner: TestStack['owner'], ids: string[], state: RunState): Promise<void> {
  const { status, failedStep = 'work', failureKind = 'step_failed', errorMessage = 'It failed.' } = state
  if (status !== 'cancelled')
    await owner.query(`update workflow_executions set status = 'running', started_at = now() where id = any ($1)`, [
      ids,
    ])
  if (status === 'running') return
  const failure = status === 'failed' ? [failedStep, failureKind, errorMessage] : [null, null, null]
  await owner.query(
    `update workflow_executions set status = $2::text, failed_step = $3, failure_kind = $4, error_message = $5,
       completed_at = case when $2::text = 'paused' then null else now() end where id = any ($1)`,
    [ids, status, ...failure],
  )
}
